"""What every other room speaks: verdicts, facts, subjects, leads, trust. Imports only the standard library."""

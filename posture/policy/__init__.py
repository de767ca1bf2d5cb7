"""The policy language: what must hold, in three values, with the evidence that decided."""

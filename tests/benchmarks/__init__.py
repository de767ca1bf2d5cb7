"""`make bench`: posture measured beside its peers and beside what the machine allows, in one run."""

"""One estate, planned by Terraform and made in the test bed with the same values: posture says the same of both."""

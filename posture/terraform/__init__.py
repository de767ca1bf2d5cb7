"""Terraform and OpenTofu plans, plan files and states: what will exist, what is not known, and what belongs to what.

Knows no provider: the wings say which types and attributes matter, and get facts.
"""

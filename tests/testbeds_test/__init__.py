"""Tests of the test beds themselves."""

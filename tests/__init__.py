"""Tests, and the test beds that they and the demo share."""

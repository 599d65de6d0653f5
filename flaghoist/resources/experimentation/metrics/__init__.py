"""Metrics: what a team measures its work by."""

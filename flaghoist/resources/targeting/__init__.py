"""Whom flags are for: contexts and their kinds."""

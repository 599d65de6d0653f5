"""Examines what is stored, and changes nothing."""

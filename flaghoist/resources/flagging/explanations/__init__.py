"""Explanations: why a context gets what it gets, step by step."""

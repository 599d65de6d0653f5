"""Metrics, experiments and what they have shown."""

"""Metric groups: funnels, and metrics that are read together."""

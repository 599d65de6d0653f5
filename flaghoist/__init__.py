"""Flaghoist: feature flags, metrics and experiments on a server you own."""

__version__ = "0.1.0"

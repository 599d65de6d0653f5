"""Environments: where a flag may differ, and the keys SDKs use."""

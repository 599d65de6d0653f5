"""Webhooks: addresses that hear of changes as they happen."""

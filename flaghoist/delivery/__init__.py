"""Environments out to SDKs: snapshots, streams, polls."""

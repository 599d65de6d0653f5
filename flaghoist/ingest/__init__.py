"""Events in from SDKs and importers."""

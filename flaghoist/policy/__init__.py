"""May this actor do that there (pure)."""

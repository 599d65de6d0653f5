"""Tags: the words that resources are sorted by, across the account."""

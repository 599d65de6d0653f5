"""What does this context get, and why (pure: no clock, randomness, network or SQL)."""

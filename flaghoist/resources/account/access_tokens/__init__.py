"""Access tokens: secrets that open the management API, as far as their limits go."""

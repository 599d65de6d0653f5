"""What each engine spells in its own way."""

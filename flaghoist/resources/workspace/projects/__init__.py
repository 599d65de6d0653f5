"""Projects: what a team calls its own."""

"""Where flags live: projects, environments, keys, tags."""

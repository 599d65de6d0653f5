"""Feature flags: what is served to whom, in every environment of a project."""

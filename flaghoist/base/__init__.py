"""Words with no opinion: time, identifiers, errors, settings, JSON."""

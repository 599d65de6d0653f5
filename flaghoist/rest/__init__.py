"""Resources spoken over HTTP: one request's life, written once."""

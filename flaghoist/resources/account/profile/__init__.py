"""The account itself: one to a server."""

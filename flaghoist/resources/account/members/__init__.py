"""Members: the people of an account, and which roles they hold."""

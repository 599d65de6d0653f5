"""The admin console's pages, out to people's browsers."""

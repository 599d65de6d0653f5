"""Backups: everything that is kept, as of one moment, in a form that fits either state store."""

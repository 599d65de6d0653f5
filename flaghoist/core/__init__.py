"""The nine words: address, resource, work, change, patches, guards, journal, outbox."""

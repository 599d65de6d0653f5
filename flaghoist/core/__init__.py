"""The nine words: address, document, resource, instruction, work, change, snapshot, event, sample."""

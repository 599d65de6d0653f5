"""The audit log: every change, who made it and what it needed."""

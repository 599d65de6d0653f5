"""Custom roles: what somebody may do, written as a policy."""

"""The account: members, tokens, roles, the audit log."""

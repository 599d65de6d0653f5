"""What the caller may do, asked before it is tried."""

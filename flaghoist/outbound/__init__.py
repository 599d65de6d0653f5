"""News for others: what changes here is told to the addresses that asked for it, and nowhere else."""

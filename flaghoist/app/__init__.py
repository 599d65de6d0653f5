"""The room that knows all others: a server put together, and what the command line does without one."""

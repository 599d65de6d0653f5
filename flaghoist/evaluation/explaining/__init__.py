"""Why does this context get that: the same decisions as evaluation takes, step by step and in the open."""

"""Event keys: what code has been tracking, whether or not a metric is made of it yet."""

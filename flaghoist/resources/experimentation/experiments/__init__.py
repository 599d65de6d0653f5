"""Experiments: what is tested on whom, started, stopped and started again."""

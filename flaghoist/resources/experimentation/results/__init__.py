"""What an experiment has shown so far."""

"""How ready an experiment is: what is set up, what has been seen, how much more it takes."""

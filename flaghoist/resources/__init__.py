"""What the product is: one folder per family, in wings."""

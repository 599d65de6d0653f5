"""What does this sample tell (pure: numpy and scipy only)."""

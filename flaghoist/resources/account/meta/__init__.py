"""The API about itself: what it offers, who is asking, which versions it speaks."""

"""The other road from sums to figures: shares no code with the server, so that the two can check each other."""

"""What a server tells of itself: figures for Prometheus, spans, health, and who asked at which door."""

"""Durable timers and queues."""

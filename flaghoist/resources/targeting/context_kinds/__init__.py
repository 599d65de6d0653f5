"""Kinds of context: users, organizations, devices, and whatever else a customer tells apart."""

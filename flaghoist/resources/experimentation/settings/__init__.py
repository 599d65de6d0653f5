"""Experimentation settings: which kinds of context a project experiments on."""

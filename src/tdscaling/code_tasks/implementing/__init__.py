"""Implement a function from a specification with examples."""

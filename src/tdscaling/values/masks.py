"""What stands in the place of a secret."""

HIDDEN = "[key]"
SHORTEST = 8
"""Characters of a secret; what is shorter is a word (`none`, `EMPTY`), which answers and results may hold."""

"""Code tasks: procedural, seeded, each decided by hidden tests in a fresh sandbox. See docs/code.md."""

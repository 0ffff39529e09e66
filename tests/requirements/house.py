"""What the project promises about its own shape."""

PROMISES: dict[str, str] = {}

"""Configuration: pydantic models, a one-line doc for every field, and the one reader of YAML."""

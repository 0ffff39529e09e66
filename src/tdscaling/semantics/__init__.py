"""What the names, schemas and texts of tools mean: words, verb roles, leaf fields as (entity, attribute)."""

"""Text to SQL over a generated or a given SQLite database, decided by execution match."""

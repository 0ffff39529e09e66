"""Data analysis over generated CSV and Excel files, decided by the result file that the solution leaves."""

"""`python -m tdscaling`."""

from tdscaling.cli import main

main()

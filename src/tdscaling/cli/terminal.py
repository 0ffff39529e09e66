"""What others have written, on a terminal that it must not drive."""

import sys
from typing import TextIO

import click


def shown(text: str, terminal: bool) -> str:
    """Output as it was; for a terminal without what could drive it: titles, clipboards, cursors, false prompts.

    >>> shown("a\\tb\\n\\x1b]0;t\\x07\\r", True)
    'a\\tb\\n\\\\x1b]0;t\\\\x07\\\\r'
    """
    if not terminal:
        return text
    return "".join(one if one in "\n\t" or one.isprintable() else ascii(one)[1:-1] for one in text)


def tell(text: str, *, err: bool = False) -> None:
    """Prints a line that may hold foreign text: exact in a file or a pipe, harmless on a terminal."""
    click.echo(shown(text, on_terminal(sys.stderr if err else sys.stdout)), err=err)


def on_terminal(stream: TextIO) -> bool:
    return stream.isatty()


def noticed(line: str) -> None:
    """Says a line beside the result, above a bar where there is one."""
    tell(f"tdscaling: {line}", err=True)

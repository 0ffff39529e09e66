"""Writes docs/cli.md from the help of the commands: `python -m scripts.cli_reference`."""

from collections.abc import Iterator
from pathlib import Path

import click

from tdscaling.cli import cli

TARGET = Path(__file__).parent.parent / "docs" / "cli.md"
WIDTH = 100
HEAD = """# Command line

What `--help` says, written by `make docs`. Exit codes: 0 done, 1 failed, 2 misused; an error is one line that says what
to do. A command that prints a result prints it for machines with `--json`.
"""


def commands(command: click.Command, names: tuple[str, ...]) -> Iterator[tuple[str, click.Command]]:
    """Full name and command, parents before children."""
    yield " ".join(names), command
    if isinstance(command, click.Group):
        context = click.Context(command)
        for name in command.list_commands(context):
            child = command.get_command(context, name)
            if child is not None:
                yield from commands(child, (*names, name))


def help_of(name: str, command: click.Command) -> str:
    """The help text as a terminal of WIDTH columns shows it."""
    settings = {"help_option_names": ["-h", "--help"]}
    with click.Context(command, info_name=name, terminal_width=WIDTH, max_content_width=WIDTH, **settings) as context:
        return "\n".join(line.rstrip() for line in command.get_help(context).splitlines())


def reference() -> str:
    """The text of docs/cli.md."""
    parts = [HEAD]
    for name, command in commands(cli, ("tdscaling",)):
        level = "#" * max(2, 1 + name.count(" "))
        parts.append(f"{level} `{name}`\n```text\n{help_of(name, command)}\n```\n")
    return "\n".join(parts)


if __name__ == "__main__":
    TARGET.write_text(reference(), encoding="utf-8")

"""The command line: one module per command, imported only when that command is called."""

import errno
import importlib
import os
import sys
from io import TextIOWrapper
from typing import cast

import click

from tdscaling import __version__
from tdscaling.cli.stopping import terminated_as_interrupted
from tdscaling.cli.terminal import tell
from tdscaling.errors import ConfigError, TDScalingError

COMMANDS: dict[str, str] = {
    "synthesize": "Make verified trajectories from your tools.",
    "catalog": "Build a catalogue of tools from servers, specifications and corpora, or look into one.",
    "graph": "Find which tool feeds which in a catalogue.",
    "cluster": "Group the tools of a catalogue into Business Clusters.",
    "simulate": "Look into services that are simulated from schemas alone.",
    "export": "Write a run or a data set in the form a trainer reads.",
    "doctor": "Check this machine, and which sandbox code will run in.",
    "measure": "Measure how diverse a run or a data set is.",
    "report": "Write one HTML file that shows how diverse runs and data sets are.",
    "view": "Look at what became of every item of a run, in a browser.",
    "select": "Choose the most diverse part of a data set that a budget of tokens buys.",
    "experiment": "Set training sets of equal tokens side by side: diversity against volume.",
    "eval": "Score a model behind an endpoint on a benchmark.",
    "local": "Serve a GGUF model on this machine to a run's roles.",
    "code-tasks": "Check code tasks of your own.",
    "sandbox": "Run one piece of code under the policy that agents' code runs under.",
}
"""Command name to its one-line help; the command is `command` in the module of that name."""


REFUSED = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EIO, errno.EBADF)
"""What a terminal, a pipe or a file that takes the output may answer; these errors name no file."""


class LazyGroup(click.Group):
    """Lists commands without importing them: `--help` stays fast."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in COMMANDS:
            return None
        return importlib.import_module(f"tdscaling.cli.{cmd_name.replace('-', '_')}").command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl(list(COMMANDS.items()))


@click.command(cls=LazyGroup, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="tdscaling")
def cli() -> None:
    """Turn tools into diverse, executed, verified agent trajectories."""


def main() -> None:
    """Runs the command line; an expected error is one line and exit code 1 (failed) or 2 (misused).

    What the terminal can't spell is printed as its escape.
    """
    stdout: object = sys.stdout
    if isinstance(stdout, TextIOWrapper):
        cast("TextIOWrapper", stdout).reconfigure(errors="backslashreplace")
    try:
        with terminated_as_interrupted():
            cli(prog_name="tdscaling")
    except ConfigError as exc:
        tell(f"tdscaling: {exc}", err=True)
        sys.exit(2)
    except TDScalingError as exc:
        tell(f"tdscaling: {exc}", err=True)
        sys.exit(1)
    except OSError as exc:
        if exc.filename is not None or exc.errno not in REFUSED:
            raise
        click.echo(
            f"tdscaling: the output can't be printed ({exc.strerror}): make room or print it elsewhere", err=True
        )
        _print_nowhere()
        sys.exit(1)


def _print_nowhere() -> None:
    """Lets go of what is still to be printed: the interpreter would try once more at its end, and say so."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, sys.stdout.fileno())
    os.close(nowhere)

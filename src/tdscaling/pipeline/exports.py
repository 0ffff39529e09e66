"""The kept trajectories of a run in the formats its config names."""

from collections.abc import Sequence
from pathlib import Path

from tdscaling.export import exporter, record_of, write_dataset
from tdscaling.store import RunReader


def write_exports(store: RunReader, folder: Path, formats: Sequence[str]) -> None:
    """Writes `FOLDER/export/FORMAT/train.jsonl` for each format. Raises ConfigError for an unknown one."""
    for name in formats:
        path = folder / "export" / name / "train.jsonl"
        path.parent.mkdir(parents=True, exist_ok=True)
        write_dataset(
            (record_of(trajectory) for trajectory in store.iter_trajectories(kept=True)), exporter(name), path
        )

"""The kept trajectories of a run in the formats its config names."""

from collections.abc import Sequence
from pathlib import Path

from tdscaling.export import exporter, pair_of, record_of, write_dataset
from tdscaling.store import RunReader


def write_exports(store: RunReader, folder: Path, formats: Sequence[str]) -> None:
    """Writes `FOLDER/export/FORMAT/train.jsonl` for each format. Raises ConfigError for an unknown one."""
    for name in formats:
        path = folder / "export" / name / "train.jsonl"
        path.parent.mkdir(parents=True, exist_ok=True)
        chosen = exporter(name)
        if chosen.shape == "pairs":
            records = (pair_of(kept, miss) for kept, miss in store.iter_pairs())
        else:
            records = map(record_of, store.iter_trajectories(kept=True))
        write_dataset(records, chosen, path)

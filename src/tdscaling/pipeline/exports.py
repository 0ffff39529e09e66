"""The kept trajectories of a run in the formats its config names."""

from collections.abc import Sequence
from pathlib import Path

from tdscaling.export import exporter, pair_of, record_of, write_dataset
from tdscaling.export.nothing import why_nothing
from tdscaling.store import RunReader


def write_exports(store: RunReader, folder: Path, formats: Sequence[str]) -> list[str]:
    """Writes `FOLDER/export/FORMAT/train.jsonl` for each format. Raises ConfigError for an unknown one.

    Gives a line for each format that holds nothing of what was kept, which has no file.
    """
    problems: list[str] = []
    for name in formats:
        chosen = exporter(name)
        if chosen.shape == "pairs":
            records = (pair_of(kept, miss) for kept, miss in store.iter_pairs())
        else:
            records = map(record_of, store.iter_trajectories(kept=True))
        written = write_dataset(records, chosen, folder / "export" / name / "train.jsonl", empty=False)
        if not written.records and store.kept_count():
            problems.append(f"export {name} is empty: {why_nothing(written, pairs=chosen.shape == 'pairs')}")
    return problems

"""Runs in which kept plans become new ones: interrupted anywhere, the course is the same."""

import json
import shutil
from pathlib import Path

import pytest
from tests.pipeline.runs import kept, made, rows, tdscaling

from tdscaling.errors import StoreError
from tdscaling.pipeline import summarise
from tdscaling.store import Outcome, RunStore, read_run

ROOT = Path(__file__).parents[2]
WANTED = 44
BROKEN_AT = 40
CONFIG = f"""\
sources: [invoicing.yaml]
trajectories: {WANTED}
seed: 5
environment: {{worlds: 2}}
exploration: {{tries: 4, more_values: 3, readers: 3}}
evolution: {{mutations: 1.0}}
batch: 5
"""


def mutated(folder: Path) -> list[tuple[int, str, str]]:
    """The targets that changed a kept plan: their order, how, and whose."""
    found = [
        (int(str(order)), json.loads(str(target))) for order, target in rows(folder, "SELECT ord, target FROM items")
    ]
    return sorted((order, one["mutation"], one["parent"]) for order, one in found if one["mutation"])


@pytest.mark.requirement("pipeline.evolved")
def test_a_run_of_mutations_that_was_broken_off_goes_on_as_one_that_was_not(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    shutil.copy(ROOT / "demo" / "invoicing.yaml", tmp_path)
    config = tmp_path / "config.yaml"
    config.write_text(CONFIG, encoding="utf-8")
    assert tdscaling(capsys, "synthesize", config, "-o", tmp_path / "calm").code == 0
    assert kept(tmp_path / "calm") == WANTED

    record, seen = RunStore.record, list[str]()

    def breaking(store: RunStore, outcome: Outcome) -> bool:
        seen.append(outcome.item.hash)
        if len(seen) > BROKEN_AT:
            raise StoreError("the disk is gone")
        return record(store, outcome)

    monkeypatch.setattr(RunStore, "record", breaking)
    assert tdscaling(capsys, "synthesize", config, "-o", tmp_path / "run").code == 1
    monkeypatch.undo()
    before = mutated(tmp_path / "run")
    assert tdscaling(capsys, "synthesize", config, "-o", tmp_path / "run").code == 0
    assert made(tmp_path / "run") == made(tmp_path / "calm")

    found = mutated(tmp_path / "run")
    assert before
    assert len(found) > len(before), "kept plans were changed before the run broke and after it"
    with read_run(tmp_path / "run") as reader:
        for order, name, parent in found:
            (item, at) = rows(tmp_path / "run", f"SELECT item, ord FROM trajectories WHERE kept AND item = '{parent}'")[
                0
            ]
            assert int(str(at)) < order
            plan = reader.blueprint(str(item))
            (child,) = [str(row[0]) for row in rows(tmp_path / "run", f"SELECT hash FROM items WHERE ord = {order}")]
            changed = reader.blueprint(child)
            if plan is not None and changed is not None:
                assert changed.provenance["parent"] == plan.id
                assert changed.provenance["mutation"] == name
                assert changed.world == plan.world
    (report,) = summarise(tmp_path / "run").evolution.parts
    assert sum(one.tried for one in report.mutations) == len(found)

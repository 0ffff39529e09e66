"""The trainers' own loaders, each in an environment of its own, read our exports. `make test-trainers` runs these."""

import json
import os
import re
import subprocess
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cache
from itertools import chain
from pathlib import Path

import pytest
from tests.trainers.arrival import Reader, differences, rows

from tdscaling.export import EXPORTERS, Miss, Record, record_of, turns_of, write_dataset
from tdscaling.export.writers import write_companion
from tdscaling.store import read_run
from tdscaling.types import Message

ROOT = Path(__file__).parents[2]
ENVIRONMENTS = ROOT / ".trainers"
TOKENIZER = ENVIRONMENTS / "tokenizer"
LOADERS = Path(__file__).parent / "loaders"
RUN = os.environ.get("TRAINERS_RUN", "")
CLASS = re.compile(r"```python\n(.*?class MarkedDataset.*?)```", re.DOTALL)

pytestmark = [
    pytest.mark.trainers,
    pytest.mark.slow,
    pytest.mark.skipif(not RUN, reason="make test-trainers names a run"),
]


@dataclass(frozen=True, slots=True, kw_only=True)
class Way:
    """How one trainer is asked for a data set: `kind` is what its loader script is told."""

    trainer: str
    format: str
    kind: str
    file: str = "train.jsonl"
    marks: bool = True
    turns: bool = False

    def __str__(self) -> str:
        return f"{self.trainer}-{self.kind}"


WAYS = (
    Way(trainer="trl", format="trl", kind="marks"),
    Way(trainer="trl", format="trl", kind="its-template", file="train.parquet", marks=False),
    Way(trainer="llamafactory", format="sharegpt", kind="all", marks=False),
    Way(trainer="llamafactory", format="sharegpt", kind="turns", turns=True),
    Way(trainer="ms-swift", format="ms-swift", kind="all"),
    Way(trainer="axolotl", format="axolotl", kind="all"),
    Way(trainer="verl", format="verl", kind="all", file="train.parquet", marks=False),
    Way(trainer="verl", format="verl", kind="marks", file="train.parquet"),
)


@cache
def records() -> tuple[Record, ...]:
    """What the run kept; a message of every third is marked, as the demo's assistant does nothing that would be."""
    with read_run(Path(RUN)) as run:
        kept = [record_of(trajectory) for trajectory in run.iter_trajectories(kept=True)]
    return tuple(_marked(record) if number % 3 == 0 else record for number, record in enumerate(kept))


def _marked(record: Record) -> Record:
    messages = list(record.dialogue.messages)
    places = [index for index, message in enumerate(messages) if message.role == "assistant"]
    if len(places) == 1:
        return record
    place = places[0]
    messages[place] = replace(messages[place], mark="wrong")
    return replace(record, dialogue=replace(record.dialogue, messages=tuple(messages)))


def load(trainer: str, kind: str, data: Path) -> Iterator[dict[str, list[int]]]:
    python = ENVIRONMENTS / trainer / "bin" / "python"
    if not python.exists():
        pytest.skip(f"make test-trainers TRAINERS={trainer} makes its environment")
    out = data.with_name("loaded.jsonl")
    script = LOADERS / f"{trainer.removeprefix('ms-')}.py"
    environment = {
        "PATH": f"{python.parent}:/usr/bin:/bin",
        "HOME": str(data.parent),
        "HF_HUB_OFFLINE": "1",
        "AXOLOTL_DO_NOT_TRACK": "1",
        "CUDA_VISIBLE_DEVICES": "",
    }
    done = subprocess.run(
        [python, "-I", script, data, TOKENIZER, out, kind], env=environment, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr[-3000:]
    return iter(rows(out))


def count(what: str, expected: Sequence[Record]) -> None:
    messages = sum(len(record.dialogue.messages) for record in expected)
    calls = sum(sum(1 for _ in record.dialogue.calls()) for record in expected)
    print(f"\n{what}: {len(expected)} of {len(expected)} dialogues arrived, {messages} messages, {calls} calls")


@pytest.mark.requirement("export.trainers")
@pytest.mark.parametrize("way", WAYS, ids=str)
def test_every_message_call_argument_tool_and_mark_arrives(way: Way, tmp_path: Path) -> None:
    expected = list(chain.from_iterable(map(turns_of, records()))) if way.turns else list(records())
    data = tmp_path / way.file
    written = write_dataset(expected, EXPORTERS[way.format], data)
    write_companion(EXPORTERS[way.format], data, "demo")
    assert written.skipped == ()
    kind = way.kind
    if (way.trainer, kind) == ("verl", "marks"):
        (tmp_path / "marked.py").write_text(_class_of_the_documentation())
        kind = str(tmp_path / "marked.py")
    reader = Reader(TOKENIZER)
    for record, row in zip(expected, load(way.trainer, kind, data), strict=True):
        found = list(differences(reader, record, row["input_ids"], row["labels"], marks=way.marks, last=way.turns))
        assert not found, f"{record.id}: {found[0][:2000]}"
    count(str(way), expected)


def _class_of_the_documentation() -> str:
    found = CLASS.search((ROOT / "docs" / "exports.md").read_text(encoding="utf-8"))
    assert found is not None
    return found[1]


@pytest.mark.requirement("export.trainers")
def test_the_preference_loader_of_trl_reads_prompt_chosen_and_rejected(tmp_path: Path) -> None:
    pairs = [pair for pair in map(_pair, records()) if pair is not None]
    data = tmp_path / "train.jsonl"
    assert write_dataset(pairs, EXPORTERS["trl-dpo"], data).skipped == ()
    (tmp_path / "chat_template.jinja").write_text("")
    reader = Reader(TOKENIZER)
    given = [json.loads(line) for line in data.read_text(encoding="utf-8").splitlines()]
    for row, loaded in zip(given, load("trl", "pairs", data), strict=True):
        prompt, chosen, rejected = (reader.text(loaded[f"{name}_ids"]) for name in ("prompt", "chosen", "rejected"))
        assert prompt.endswith("<|im_start|>assistant\n")
        assert chosen != rejected
        for side, text in (("prompt", prompt), ("chosen", chosen), ("rejected", rejected)):
            for message in row[side]:
                assert message["content"] in text
                assert all(f'"name": "{call["function"]["name"]}"' in text for call in message.get("tool_calls", ()))
        assert all(f'"name": "{tool["function"]["name"]}"' in prompt for tool in json.loads(row["tools"]))
    count("trl-dpo", pairs)


def _pair(record: Record) -> Record | None:
    """The record beside one that gave up where it made its last call."""
    messages = record.dialogue.messages
    calls = [index for index, message in enumerate(messages) if message.tool_calls]
    if not calls:
        return None
    gave_up = Message(role="assistant", content="That can't be done.")
    return replace(record, miss=Miss(messages=(*messages[: calls[-1]], gave_up), check="effects"))

"""The formats: one pure function each."""

from collections.abc import Callable
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Literal, TypeAlias

from tdscaling.errors import ConfigError
from tdscaling.export.adp import adp_dialogue, adp_record
from tdscaling.export.atif import atif_dialogue, atif_record
from tdscaling.export.hermes import hermes_dialogue, hermes_record
from tdscaling.export.openai import axolotl_record, openai_record, trl_record, unchanged
from tdscaling.export.preference import pair_record
from tdscaling.export.record import JsonRow, Record
from tdscaling.export.sharegpt import sharegpt_dialogue, sharegpt_record
from tdscaling.export.swift import swift_dialogue, swift_record
from tdscaling.types import Dialogue

FileKind: TypeAlias = Literal[".jsonl", ".parquet"]
Companion: TypeAlias = Literal["dataset_info.json", "chat_template.jinja"]
Shape: TypeAlias = Literal["messages", "plain", "text", "conversations", "objects", "pairs"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Exporter:
    """A format. `record` makes one row, or raises DataError when the format can't hold the dialogue.

    `normal` is what comes back when the row is read: the dialogue but for what the format can't tell apart.
    `shape` decides the Arrow columns; "objects" has none, so JSON Lines only. "pairs" are made of records with a miss.
    `companion` is the file that the trainer wants beside the data.
    """

    record: Callable[[Record], JsonRow]
    normal: Callable[[Dialogue], Dialogue]
    shape: Shape
    description: str
    companion: Companion | None = None

    @property
    def strict(self) -> bool:
        """Whether neighbouring messages of one side are joined, for the format can't keep them apart."""
        return self.normal is not unchanged

    @property
    def kinds(self) -> tuple[FileKind, ...]:
        return (".jsonl",) if self.shape == "objects" else (".jsonl", ".parquet")


EXPORTERS: dict[str, Exporter] = {
    "trl": Exporter(
        record=trl_record,
        normal=unchanged,
        shape="messages",
        description="TRL: messages, tools as a JSON string, a chat template that leaves out marked messages",
        companion="chat_template.jinja",
    ),
    "openai": Exporter(
        record=openai_record,
        normal=unchanged,
        shape="messages",
        description="OpenAI messages and tools, object arguments, weight 0 where no loss belongs",
    ),
    "sharegpt": Exporter(
        record=sharegpt_record,
        normal=sharegpt_dialogue,
        shape="conversations",
        description="LLaMA-Factory sharegpt, with its dataset_info.json",
        companion="dataset_info.json",
    ),
    "hermes": Exporter(
        record=hermes_record,
        normal=hermes_dialogue,
        shape="text",
        description="Hermes/Qwen text: tools, calls and results written into plain messages",
    ),
    "ms-swift": Exporter(
        record=swift_record,
        normal=swift_dialogue,
        shape="plain",
        description="ms-swift: tool_call and tool_response messages, loss per message",
    ),
    "axolotl": Exporter(
        record=axolotl_record,
        normal=unchanged,
        shape="messages",
        description="axolotl chat_template: arguments as JSON strings, train per message",
    ),
    "verl": Exporter(
        record=hermes_record,
        normal=hermes_dialogue,
        shape="text",
        description="verl SFT: Hermes text, for verl wants nested tools, which Parquet fills with nulls",
    ),
    "trl-dpo": Exporter(
        record=pair_record,
        normal=unchanged,
        shape="pairs",
        description="TRL preference pairs: prompt, chosen and rejected from a kept rollout and a near miss of its plan",
    ),
    "atif": Exporter(
        record=atif_record, normal=atif_dialogue, shape="objects", description="ATIF 1.8 trajectories (harbor)"
    ),
    "adp": Exporter(
        record=adp_record, normal=adp_dialogue, shape="objects", description="Agent Data Protocol trajectories"
    ),
}
"""Every format by name."""


def exporter(name: str) -> Exporter:
    """The format of that name. Raises ConfigError that names the nearest one."""
    if name not in EXPORTERS:
        near = get_close_matches(name, EXPORTERS, n=1)
        hint = f"did you mean {near[0]!r}" if near else f"there are {', '.join(EXPORTERS)}"
        raise ConfigError(f"no format {name!r}: {hint}?" if near else f"no format {name!r}: {hint}")
    return EXPORTERS[name]

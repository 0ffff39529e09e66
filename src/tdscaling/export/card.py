"""The data card: a README with the YAML header that dataset hubs read, and LLaMA-Factory's dataset_info.json."""

import html
import json
import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import yaml

from tdscaling import __version__
from tdscaling.errors import DataError, one_line
from tdscaling.export import shapes
from tdscaling.export.record import BadRow, JsonRow, Record
from tdscaling.export.strict import joins
from tdscaling.types import BANDS

_TAGS = ("tool-use", "function-calling", "agent")


@dataclass(frozen=True, slots=True, kw_only=True)
class Statistics:
    """Counts over the records that were written; `tools` are distinct names, the dicts are sorted by count.

    `joined` are the records of which the format joined messages.
    """

    records: int
    joined: int
    messages: int
    calls: int
    tools: int
    domains: Mapping[str, int]
    modes: Mapping[str, int]
    bands: Mapping[str, int]


@dataclass(slots=True)
class Tally:
    """Counts records one by one. `strict`: whether the format joins neighbouring messages of one side."""

    strict: bool = False
    records: int = 0
    joined: int = 0
    messages: int = 0
    calls: int = 0
    tools: set[str] = field(default_factory=set[str])
    domains: Counter[str] = field(default_factory=Counter[str])
    modes: Counter[str] = field(default_factory=Counter[str])
    bands: Counter[str] = field(default_factory=Counter[str])

    def add(self, record: Record) -> None:
        self.records += 1
        self.joined += self.strict and joins(record.dialogue)
        self.messages += len(record.dialogue.messages)
        names = [call.name for _, call in record.dialogue.calls()] + [call.name for call in record.dialogue.nested()]
        self.calls += len(names)
        self.tools.update(names)
        domain, mode, band = (record.metadata.get(key) for key in ("domain", "mode", "band"))
        if isinstance(domain, str):
            self.domains[domain] += 1
        if isinstance(mode, str):
            self.modes[mode] += 1
        if isinstance(band, int) and 0 <= band < len(BANDS):
            self.bands[BANDS[band]] += 1

    def statistics(self) -> Statistics:
        return Statistics(
            records=self.records,
            joined=self.joined,
            messages=self.messages,
            calls=self.calls,
            tools=len(self.tools),
            domains=_by_count(self.domains),
            modes=_by_count(self.modes),
            bands={band: self.bands[band] for band in BANDS if self.bands[band]},
        )


def _by_count(counts: Counter[str]) -> dict[str, int]:
    return dict(sorted(counts.items(), key=lambda item: (-item[1], item[0])))


def card(
    *,
    name: str,
    format_name: str,
    file: str,
    statistics: Statistics,
    skipped: Sequence[BadRow] = (),
    funnel: Mapping[str, int] | None = None,
    provenance: Mapping[str, str] | None = None,
    licence: str = "other",
    rejected: bool = False,
    of_run: bool = False,
) -> str:
    """The text of the card. `funnel` and `provenance` are those of the run, where it comes from one.

    How the dialogues were made is known of those of a run alone (`of_run`), so of others nothing is said of it.
    """
    header = {
        "pretty_name": name,
        "license": licence,
        "task_categories": ["text-generation"],
        "tags": [*_TAGS, *(["synthetic"] if of_run else []), "tdscaling", format_name],
        "size_categories": [_size(statistics.records)],
        "configs": [{"config_name": "default", "data_files": [{"split": "train", "path": file}]}],
    }
    parts = [
        f"---\n{yaml.safe_dump(header, sort_keys=False, allow_unicode=True)}---\n",
        f"# {name}\n",
        f"Tool-use dialogues in the form `{format_name}`, in `{file}`, written by TDScaling {__version__}.\n",
        _numbers(statistics),
        _table("Domains", statistics.domains),
        _table("Reasoning modes", statistics.modes),
        _table("Cumulative Action Complexity", statistics.bands),
        _table("Keep funnel", funnel or {}),
        _table("Provenance", provenance or {}),
        _limits(licence, skipped, rejected, of_run, statistics.joined),
    ]
    return "\n".join(part for part in parts if part)


def _size(records: int) -> str:
    for limit, label in ((1_000, "n<1K"), (10_000, "1K<n<10K"), (100_000, "10K<n<100K"), (1_000_000, "100K<n<1M")):
        if records < limit:
            return label
    return "n>1M"


def _numbers(statistics: Statistics) -> str:
    return (
        f"## Statistics\n\n{statistics.records} dialogues, {statistics.messages} messages, {statistics.calls} calls"
        f" of {statistics.tools} tools.\n"
    )


def _table(title: str, rows: Mapping[str, int | str]) -> str:
    if not rows:
        return ""
    lines = "\n".join(f"| {_cell(key)} | {_cell(str(value))} |" for key, value in rows.items())
    return f"## {title}\n\n| | |\n| --- | --- |\n{lines}\n"


def _cell(text: str) -> str:
    """A text as it is, in a table that may be shown as a page: no mark-up of its own, no link.

    >>> _cell("a|b"), _cell("<img src=x> [a](b)")
    ('a\\\\|b', '&lt;img src=x&gt; \\\\[a\\\\](b)')
    """
    plain = html.escape(" ".join(text.split()), quote=False)
    return re.sub(r"[|\[\]`]", r"\\\g<0>", plain)


def _limits(licence: str, skipped: Sequence[BadRow], rejected: bool, of_run: bool, joined: int) -> str:
    lines: list[str] = []
    if of_run:
        lines.append("Synthetic: users are simulated, tools were executed in throw-away workspaces.")
    if rejected:
        lines.append("Rollouts that failed a check are included.")
    if joined:
        lines.append(f"Neighbouring messages of one side are joined, in {joined} dialogues.")
    if skipped:
        reasons = Counter(bad.reason for bad in skipped)
        listed = "; ".join(f"{count} × {reason}" for reason, count in sorted(reasons.items()))
        lines.append(f"{len(skipped)} dialogues are left out, the format can't hold them: {listed}.")
    if licence == "other" and of_run:
        lines.append("Tool names, descriptions and results keep the licences of the servers they come from.")
    elif licence == "other":
        lines.append("The dialogues keep the licence of the data set they come from.")
    if not lines:
        return ""
    body = "\n".join(f"- {line}" for line in lines)
    return f"## Limits and licence\n\n{body}\n"


def dataset_info(path: Path, name: str, file: str) -> str:
    """LLaMA-Factory's dataset_info.json with an entry for `file`; other entries of the one at `path` stay.

    Raises DataError when the file at `path` is no JSON object.
    """
    known: JsonRow = {}
    if path.exists():
        try:
            known = dict(shapes.mapping(path.read_text(encoding="utf-8"), "it"))
        except (OSError, ValueError, DataError) as exc:
            raise DataError(f"{path} can't be read ({one_line(exc)}): mend it or move it away") from exc
    known[name] = {
        "file_name": file,
        "formatting": "sharegpt",
        "columns": {"messages": "conversations", "system": "system", "tools": "tools"},
    }
    return json.dumps(known, indent=2, ensure_ascii=False) + "\n"

"""Puts a real trajectory of a run into README.md: `python -m scripts.readme_example runs/demo [--id ID]`.

Without an id: among the kept trajectories that chain results across servers, and are neither tiny nor long, the one
with the most modes, of these the one with the fewest messages; where there is no such one, among all.
"""

import argparse
import json
import re
from collections.abc import Sequence
from pathlib import Path

from tdscaling.errors import DataError
from tdscaling.store import DescriptorRow, RunReader, read_run
from tdscaling.types import BANDS, Message, Trajectory

README = Path(__file__).parent.parent / "README.md"
PLACE = re.compile(r"(<!-- example: [^>]*-->\n).*?(<!-- end of example -->)", re.DOTALL)
LONGEST = 260
MESSAGES = range(6, 17)


def chosen(rows: Sequence[DescriptorRow]) -> str:
    """The id of the trajectory that shows most in little space. Raises DataError when nothing is kept."""
    several = [row for row in rows if len(row.descriptor.servers) > 1 and row.messages in MESSAGES]
    candidates = [row for row in several if row.descriptor.primary_mode == "sequential"] or several or list(rows)
    if not candidates:
        raise DataError("the run has no kept trajectory to show")
    return min(candidates, key=lambda row: (-len(set(row.descriptor.modes)), row.messages, row.id)).id


def cut(text: str) -> str:
    """One line, at most LONGEST characters."""
    line = " ".join(text.split())
    return line if len(line) <= LONGEST else line[: LONGEST - 1] + "…"


def lines(message: Message) -> list[str]:
    """A message as lines: who, and what was said, called or answered."""
    if message.role == "tool":
        return [f"  ↳ {'error: ' if message.is_error else ''}{cut(message.content)}"]
    said = [f"{message.role:9} {cut(message.content)}"] if message.content else []
    calls = [
        f"  → {call.name}({cut(json.dumps(dict(call.arguments), ensure_ascii=False))})" for call in message.tool_calls
    ]
    return said + calls


def shown(trajectory: Trajectory) -> str:
    """The trajectory for a reader, with where it lies and which checks it passed."""
    one = trajectory.descriptor
    body = [line for message in trajectory.dialogue.messages for line in lines(message)]
    about = (
        f"{one.domain} · primary mode {one.primary_mode} (modes in order: {', '.join(one.modes)}) · complexity "
        f"{one.cac:.1f}, band {BANDS[one.band]} · servers {', '.join(one.servers)} · "
        f"{len(trajectory.dialogue.tools)} tools offered · id `{trajectory.id}`"
    )
    passed = ", ".join(f"`{check.name}`" for check in trajectory.verdict.checks)
    return "\n".join([about, "", "```text", *body, "```", f"Checks passed: {passed}.", ""])


def example(run: RunReader, name: str | None) -> str:
    """The text between the marks. Raises DataError when the run has no such trajectory."""
    wanted = name or chosen(list(run.descriptors()))
    trajectory = run.trajectory(wanted)
    if trajectory is None:
        raise DataError(f"the run has no trajectory {wanted}")
    return shown(trajectory)


def placed(readme: str, text: str) -> str:
    """The README with `text` between its marks."""
    filled, count = PLACE.subn(lambda match: f"{match[1]}{text}{match[2]}", readme)
    if count != 1:
        raise DataError("README.md must have the marks of the example once")
    return filled


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("run", type=Path)
    parser.add_argument("--id")
    arguments = parser.parse_args()
    with read_run(arguments.run) as run:
        text = example(run, arguments.id)
    README.write_text(placed(README.read_text(encoding="utf-8"), text), encoding="utf-8")


if __name__ == "__main__":
    main()

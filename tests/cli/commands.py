"""What the tests of the command line give to commands, and how they look at what these left."""

import json
from pathlib import Path

ANSWERED: dict[str, object] = {
    "id": "t1",
    "messages": [{"role": "user", "content": "hi"}, {"role": "assistant", "content": "Good day."}],
    "tools": [],
}
ALONE: dict[str, object] = {"id": "u1", "messages": [{"role": "user", "content": "nobody answers"}], "tools": []}
"""A dialogue that ShareGPT can't hold."""


def data(path: Path, *rows: dict[str, object]) -> Path:
    """A data set of these rows."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    return path


def contents(folder: Path) -> dict[str, bytes]:
    """All files below a folder."""
    return {str(path.relative_to(folder)): path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()}

"""How the tests of the command line start a command and look at what it left."""

import json
import sys
from dataclasses import dataclass
from pathlib import Path
from unittest import mock

import pytest

from tdscaling.cli import main

ANSWERED: dict[str, object] = {
    "id": "t1",
    "messages": [{"role": "user", "content": "hi"}, {"role": "assistant", "content": "Good day."}],
    "tools": [],
}
ALONE: dict[str, object] = {"id": "u1", "messages": [{"role": "user", "content": "nobody answers"}], "tools": []}
"""A dialogue that ShareGPT can't hold."""


@dataclass(frozen=True)
class Ended:
    """How a command ended, and what it said on standard error."""

    code: int
    out: str
    said: list[str]


def tdscaling(capsys: pytest.CaptureFixture[str], *argv: object) -> Ended:
    """The command line in this process, as `tdscaling ARGV` would end."""
    capsys.readouterr()
    with mock.patch.object(sys, "argv", ["tdscaling", *map(str, argv)]), pytest.raises(SystemExit) as caught:
        main()
    found = capsys.readouterr()
    code = caught.value.code
    return Ended(code if isinstance(code, int) else int(code is not None), found.out, found.err.splitlines())


def data(path: Path, *rows: dict[str, object]) -> Path:
    """A data set of these rows."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    return path


def contents(folder: Path) -> dict[str, bytes]:
    """All files below a folder."""
    return {str(path.relative_to(folder)): path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()}

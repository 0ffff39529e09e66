"""How the tests set up a run over the shop's server, start it and look at what it left."""

import json
import shutil
import sqlite3
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from unittest import mock

import pytest

from tdscaling.cli import main

SERVER = Path(__file__).parent / "shop_server.py"
CONFIG = """\
sources: [servers.json]
trajectories: {wanted}
seed: 3
environment:
  worlds: 2
  slots: 2
  call_timeout: 5
  seed_command: ["{{python}}", -S, -E, shop_server.py, seed, "{{workspace}}", "{{world}}"]
exploration: {{tries: 4, more_values: 3, readers: 3}}
batch: 6
export: [trl, sharegpt]
"""


@dataclass(frozen=True)
class Ended:
    """How a command ended."""

    code: int
    out: str
    err: str

    @property
    def said(self) -> list[str]:
        """The lines on standard error."""
        return self.err.splitlines()

    @property
    def errors(self) -> list[str]:
        """What was said on standard error beside the progress bar and the lines on what was left out."""
        lines = [line.strip() for line in self.err.splitlines() if "\x1b" not in line]
        return [line for line in lines if line and not line.startswith("left out: ")]


def setup(folder: Path, *bad: str, wanted: int = 8, more: str = "") -> Path:
    """A folder with the server, its client config and a run's config; returns the config's path."""
    folder.mkdir(parents=True, exist_ok=True)
    shutil.copy(SERVER, folder / SERVER.name)
    serve(folder, {"shop": bad})
    path = folder / "config.yaml"
    path.write_text(CONFIG.format(wanted=wanted) + more, encoding="utf-8")
    return path


def serve(folder: Path, servers: dict[str, Sequence[str]]) -> None:
    """The client config: servers by name, each with what it does badly."""
    entries = {
        name: {"command": sys.executable, "args": ["-S", "-E", str(folder / SERVER.name), "{workspace}", *bad]}
        for name, bad in servers.items()
    }
    (folder / "servers.json").write_text(json.dumps({"mcpServers": entries}), encoding="utf-8")


def tdscaling(capsys: pytest.CaptureFixture[str], *argv: object) -> Ended:
    """The command line in this process, as `tdscaling ARGV` would end."""
    capsys.readouterr()
    with mock.patch.object(sys, "argv", ["tdscaling", *map(str, argv)]):
        try:
            main()
            code = 0
        except SystemExit as exc:
            code = exc.code if isinstance(exc.code, int) else int(exc.code is not None)
    said = capsys.readouterr()
    return Ended(code, said.out, said.err)


def rows(folder: Path, sql: str) -> list[tuple[object, ...]]:
    """What a query over the run's store gives."""
    db = sqlite3.connect(folder / "run.db")
    try:
        return db.execute(sql).fetchall()
    finally:
        db.close()


def made(folder: Path) -> dict[str, object]:
    """What a run made, free of what rightly differs from one run to the next (times, attempts)."""
    return {
        "items": rows(folder, "SELECT hash, ord, target, state FROM items ORDER BY ord, hash"),
        "trajectories": rows(folder, "SELECT item, id, kept, reason, modes, cac FROM trajectories ORDER BY ord, item"),
        "rejections": rows(folder, "SELECT item, stage, reason, detail FROM rejections ORDER BY ord, item"),
        "evolution": rows(folder, "SELECT value FROM state WHERE key = 'evolution'"),
        "exports": exports(folder),
    }


def recorded(folder: Path) -> dict[str, list[object]]:
    """The items with an outcome, each with what came of it; none where there is no store yet."""
    if not (folder / "run.db").exists() or not rows(folder, "SELECT 1 FROM sqlite_master WHERE name = 'rejections'"):
        return {}
    found = rows(folder, """SELECT i.hash, t.id, t.kept, t.reason, hex(b.trajectory), r.reason FROM items i
        LEFT JOIN trajectories t ON t.item = i.hash LEFT JOIN bodies b ON b.item = i.hash
        LEFT JOIN rejections r ON r.item = i.hash WHERE i.state = 'done'""")  # fmt: skip
    return {str(row[0]): list(row[1:]) for row in found}


def exports(folder: Path) -> dict[str, bytes]:
    """The exported files by their path below `export`."""
    root = folder / "export"
    return {str(path.relative_to(root)): path.read_bytes() for path in sorted(root.rglob("*")) if path.is_file()}


def kept(folder: Path) -> int:
    return int(str(rows(folder, "SELECT count(*) FROM trajectories WHERE kept")[0][0]))

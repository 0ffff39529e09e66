"""Takes each protection of the sandbox away, one at a time, and names the test that notices.

    .venv/bin/python -m scripts.break_sandbox            # all; exits 1 when the loss of one goes unnoticed
    .venv/bin/python -m scripts.break_sandbox 3 9        # those of some points of docs/sandbox.md

It works on a copy of the sources. `protections.jsonl` has a protection a line: its point, what it is, the tests of
which one must fail, and its edits: a file below src/tdscaling, text that is there once, and what takes its place.
"""

import json
import re
import shutil
import signal
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[1]
COPIED = ("src", "tests", "scripts", "benchmarks", "pyproject.toml")
RUN = (
    "-m",
    "pytest",
    "-x",
    "-q",
    "--no-header",
    "--tb=no",
    "-n",
    "0",
    "-k",
    "not unprivileged and not still_where_it_says",
)
PATIENCE = 120.0
FAILED = re.compile(r"^(?:FAILED|ERROR) (.+?)(?: - .*)?$", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Protection:
    point: str
    what: str
    tests: list[str]
    edits: list[tuple[str, str, str]]


def protections() -> list[Protection]:
    lines = (Path(__file__).parent / "protections.jsonl").read_text(encoding="utf-8").splitlines()
    return [Protection(**json.loads(line)) for line in lines]


def applied(protection: Protection, folder: Path) -> dict[Path, str]:
    """The files without the protection. Raises ValueError when the code to take away is not there exactly once."""
    changed: dict[Path, str] = {}
    for file, old, new in protection.edits:
        path = folder / "src/tdscaling" / file
        text = changed.get(path) or path.read_text(encoding="utf-8")
        if text.count(old) != 1:
            raise ValueError(f"{protection.what}: {old!r} is {text.count(old)} times in {file}")
        changed[path] = text.replace(old, new)
    return changed


def noticed(protection: Protection, folder: Path) -> str:
    """The first test that fails without the protection, "" when none does."""
    changed = applied(protection, folder)
    before = {path: path.read_text(encoding="utf-8") for path in changed}
    try:
        for path, text in changed.items():
            path.write_text(text, encoding="utf-8")
        environment = {
            "PYTHONPATH": f"{folder / 'src'}",
            "PATH": "/usr/local/bin:/usr/bin:/bin",
            "HOME": str(Path.home()),
        }
        argv = [sys.executable, *RUN, *protection.tests]
        done = subprocess.run(
            argv, cwd=folder, env=environment, capture_output=True, text=True, check=False, timeout=PATIENCE
        )
    except subprocess.TimeoutExpired:
        return "a test that does not end"
    finally:
        for path, text in before.items():
            path.write_text(text, encoding="utf-8")
    if done.returncode == 0:
        return ""
    found = FAILED.search(done.stdout)
    if done.returncode != 1 or found is None:
        raise RuntimeError(f"pytest ended with {done.returncode}: {done.stdout[-500:]}{done.stderr[-500:]}")
    return found[1]


def main() -> None:
    wanted = set(sys.argv[1:])
    if unknown := wanted - {name for one in protections() for name in (one.point, one.what)}:
        sys.exit(f"there is no row and no protection {sorted(unknown)[0]!r}: docs/sandbox.md names the rows")
    signal.signal(signal.SIGINT, signal.default_int_handler)  # ignored, as in the background, it would be so inside
    missed = 0
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        folder.chmod(0o755)
        for part in COPIED:
            source = ROOT / part
            (shutil.copytree if source.is_dir() else shutil.copy)(source, folder / part)
        for protection in protections():
            if wanted and not wanted & {protection.point, protection.what}:
                continue
            test = noticed(protection, folder)
            missed += not test
            print(f"{protection.point} | {protection.what} | {test or 'NOT NOTICED'}", flush=True)
    sys.exit(1 if missed else 0)


if __name__ == "__main__":
    main()

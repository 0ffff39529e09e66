"""Runs a script of ours in the environment of a benchmark: the job as JSON on its stdin, lines of JSON on its stdout.

A line says how much is done, or `dead`: that an endpoint is, or `result`.
"""

import asyncio
import json
from asyncio.subprocess import PIPE, Process
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import cast

from tdscaling.errors import DataError, ProviderError, one_line
from tdscaling.evals import inside
from tdscaling.evals.outcome import Item
from tdscaling.llm.secrets import Secret, redacted
from tdscaling.types import JsonObject, JsonValue

INSIDE = Path(inside.__file__).parent
LINE = 64 << 20
"""Bytes of one line at most: a result names every task."""


async def result_of(
    script: str, python: Path, job: Mapping[str, JsonValue], tell: Callable[[int, int], None]
) -> JsonObject:
    """The result of `inside/ask_SCRIPT.py`, run by `python`; what else it says goes to log.txt in the job's folder.

    Raises ProviderError when an endpoint died, DataError otherwise.
    """
    log = Path(str(job["folder"])) / "log.txt"
    try:
        log.parent.mkdir(parents=True, exist_ok=True)
        with log.open("wb") as said:
            process = await asyncio.create_subprocess_exec(
                str(python), "-I", str(INSIDE / f"ask_{script}.py"), stdin=PIPE, stdout=PIPE, stderr=said, limit=LINE
            )
            try:
                found = await _talk(process, job, tell)
            finally:
                if process.returncode is None:
                    process.kill()
                await process.wait()
    except OSError as exc:
        raise DataError(f"{script} can't be run in {log.parent}: {one_line(exc)}") from exc
    if found is None:
        raise DataError(f"{script} broke off ({_last(log)}): all it said is in {log}")
    return found


def items_of(found: JsonObject, parts: Sequence[str], ids: str = "{name}") -> dict[str, list[Item]]:
    """By part of a benchmark the items of a result, whose rows are part, name and why the task failed (None: it did
    not).

    >>> items_of({"items": [["retail", "0", None]]}, ["retail"], "{part} {name}")
    {'retail': [Item(id='retail 0', passed=True, detail='')]}
    """
    by: dict[str, list[Item]] = {part: [] for part in parts}
    for part, name, why in cast("list[tuple[str, str, str | None]]", found["items"]):
        if part in by:
            by[part].append(Item(id=ids.format(part=part, name=name), passed=why is None, detail=why or ""))
    return by


async def _talk(process: Process, job: Mapping[str, JsonValue], tell: Callable[[int, int], None]) -> JsonObject | None:
    assert process.stdin is not None
    assert process.stdout is not None
    process.stdin.write(json.dumps(job).encode())
    process.stdin.close()
    async for line in process.stdout:
        said = cast("JsonObject", json.loads(line))
        if "dead" in said:
            raise ProviderError(
                f"{said.get('at', job['base_url'])} died: {_without_keys(str(said['dead']), job)}; "
                "the same command goes on where it broke off"
            )
        if "result" in said:
            return cast("JsonObject", said["result"])
        tell(int(str(said["done"])), int(str(said["of"])))
    return None


def _without_keys(text: str, job: Mapping[str, JsonValue]) -> str:
    user = job.get("user")
    for key in (job.get("key"), user.get("key") if isinstance(user, dict) else None):
        text = redacted(text, Secret(str(key)) if key else None)
    return text


def _last(log: Path) -> str:
    lines = [line for line in log.read_text(encoding="utf-8", errors="replace").splitlines() if line.strip()]
    return lines[-1].strip()[:200] if lines else "without a word"

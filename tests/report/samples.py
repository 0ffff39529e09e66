"""A small run and a hostile data set, for the tests of the report."""

import json
from pathlib import Path

from tests.store.sample import outcome, rejected

from tdscaling.evolution import Event, Report, Reports, Success
from tdscaling.evolution.reports import EVOLUTION
from tdscaling.graph import save_clusters
from tdscaling.measurement.drawn import DRAWN, Drawn, LeftOut
from tdscaling.store import RunStore, encode
from tdscaling.types import Cell, Cluster, Edge, FieldRef, ToolKey

TOOLS = tuple(ToolKey("git", name) for name in ("git_log", "git_show", "git_diff"))
EDGES = tuple(
    Edge(
        producer=FieldRef(*one, "hash"),
        consumer=FieldRef(*two, "revision"),
        kind="value",
        score=0.9,
        evidence=("executed",) if proved else ("names",),
    )
    for one, two, proved in ((TOOLS[0], TOOLS[1], True), (TOOLS[0], TOOLS[2], False), (TOOLS[1], TOOLS[2], True))
)
CLUSTER = Cluster(
    id="git-history",
    name="Log and show",
    domain="version control",
    kind="service",
    tools=TOOLS,
    edges=EDGES,
    order=TOOLS,
)
COURSE = Report(
    part="business",
    strategy="evolution",
    domains=1,
    covered=1,
    feasible=4,
    events=(Event(at=2, of="domain", highest=0.9, now=0.5, cause="3 of 4 in one cell"),),
    mutations=(
        Success("merge", Cell("version control", "recovering", 2), tried=8, kept=3, landed=2),
        Success("merge", Cell("version control", "direct", 1), tried=2, kept=2, landed=1),
    ),
)
HOSTILE = (
    "</script><script>document.title='run by a text'</script>",
    "<img src=x onerror=\"document.title='run by a text'\">",
    "\"><svg onload=alert(1)> '; alert(1); // {{ 7 * 7 }} {% raw %} <!-- ]]>",
)


def run_folder(path: Path, kept: int = 4) -> Path:
    """A run with `kept` trajectories, one that failed its replay, two rejected plans and one cluster."""
    with RunStore.open(path, "f1", "seed: 7", created="2026-01-02T03:04:05+00:00") as store:
        for number in range(kept):
            store.record(outcome(number))
        store.record(outcome(kept, failed="replay"))
        store.record(rejected(kept + 1))
        store.record(rejected(kept + 2))
        store.save_state(EVOLUTION, encode(Reports(parts=(COURSE,))))
        store.save_state(DRAWN, encode(Drawn(5, (LeftOut("c1", "Tides", "works out <tides>"),))))
    save_clusters(path / "clusters.jsonl", [CLUSTER])
    manifest = {"tdscaling": "0.1.0", "fingerprint": "f1", "seed": 7, "config": {"trajectories": kept}}
    (path / "manifest.json").write_text(json.dumps(manifest))
    return path


def hostile_row(number: int) -> dict[str, object]:
    """A dialogue each of whose texts is markup: domain, id, tool, arguments, result, answer."""
    text = HOSTILE[number % len(HOSTILE)]
    call = {"id": "1", "type": "function", "function": {"name": f"find {text}", "arguments": json.dumps({text: text})}}
    return {
        "id": f"{number} {text}",
        "domain": f"domain {text}",
        "messages": [
            {"role": "system", "content": text},
            {"role": "user", "content": f"{text} {number}"},
            {"role": "assistant", "content": text, "tool_calls": [call], "reasoning_content": text},
            {"role": "tool", "tool_call_id": "1", "name": text, "content": text},
            {"role": "assistant", "content": text},
        ],
        "tools": [{"type": "function", "function": {"name": f"find {text}", "description": text, "parameters": {}}}],
    }


def hostile_set(path: Path, rows: int = 5) -> Path:
    bad = {"messages": [{"role": HOSTILE[1], "content": "x"}]}
    path.write_text("".join(json.dumps(row) + "\n" for row in [*map(hostile_row, range(rows)), bad]))
    return path

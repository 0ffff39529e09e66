"""Time and memory from catalogues to edges and clusters, and how both grow.

    python -m benchmarks.graph_scale CATALOG… [--sizes 8000 33000 125000]

Of all tools of the catalogues whole servers are taken, in the order of a digest of their names, until the size is
reached (0: all). Every size runs in a process of its own, on a file that holds nothing else; reading it is timed apart.
Each stage is given in seconds of the clock and of the processor (one core is used): a busy machine stretches the first.
"""

import argparse
import gzip
import hashlib
import json
import math
import re
import resource
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np

from tdscaling.catalog import load
from tdscaling.graph import find_clusters, find_edges, summary

_SERVER = re.compile(r'\{"server":"((?:[^"\\]|\\.)*)"')


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("catalogs", nargs="+", type=Path)
    parser.add_argument("--sizes", nargs="+", type=int, default=[8_000, 33_000, 125_000])
    parser.add_argument("--measure", action="store_true", help="measure the one catalogue in this process")
    options = parser.parse_args()
    if options.measure:
        print(json.dumps(measure(options.catalogs[0])))
        return
    rows: list[dict[str, float]] = []
    for size in options.sizes:
        with tempfile.NamedTemporaryFile(suffix=".jsonl.gz") as file:
            sample(options.catalogs, size, Path(file.name))
            command = [sys.executable, "-m", "benchmarks.graph_scale", file.name, "--measure"]
            run = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True)
        rows.append(json.loads(run.stdout))
        print(json.dumps(rows[-1]), flush=True)
    for key in ("seconds", "cpu_seconds", "gigabytes") if len(rows) > 1 else ():
        print(f"growth exponent of {key}: {exponent([row['tools'] for row in rows], [row[key] for row in rows]):.2f}")


def measure(catalog: Path) -> dict[str, object]:
    clocks = [_now()]
    tools = load(catalog)
    clocks.append(_now())
    edges = find_edges(tools)
    clocks.append(_now())
    clusters = find_clusters(tools, edges)
    clocks.append(_now())
    counts = summary(clusters)
    took = np.diff(np.array(clocks), axis=0)
    return {
        "tools": len(tools),
        "load_seconds": took[0].round(1).tolist(),
        "edge_seconds": took[1].round(1).tolist(),
        "cluster_seconds": took[2].round(1).tolist(),
        "seconds": round(float(took[:, 0].sum()), 1),
        "cpu_seconds": round(float(took[:, 1].sum()), 1),
        "gigabytes": round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20, 2),
        "edges": len(edges),
        **{key: counts[key] for key in ("disjoint", "distinct", "cross_service")},
    }


def _now() -> tuple[float, float]:
    return time.perf_counter(), time.process_time()


def sample(catalogs: Sequence[Path], size: int, target: Path) -> None:
    """Writes the lines of whole servers, `size` or a few more."""
    count = Counter(server for server, _ in _lines(catalogs))
    chosen: set[str] = set()
    taken = 0
    for server in sorted(count, key=lambda name: hashlib.sha256(name.encode()).hexdigest()):
        if size and taken >= size:
            break
        chosen.add(server)
        taken += count[server]
    with gzip.open(target, "wt", encoding="utf-8", compresslevel=1) as file:
        file.writelines(line for server, line in _lines(catalogs) if server in chosen)


def _lines(catalogs: Sequence[Path]) -> Iterator[tuple[str, str]]:
    for path in catalogs:
        with gzip.open(path, "rt", encoding="utf-8") as file:
            for line in file:
                match = _SERVER.match(line)
                yield (match[1] if match else json.loads(line)["server"]), line


def exponent(sizes: Sequence[float], costs: Sequence[float]) -> float:
    """The slope of log cost over log size, least squares."""
    xs, ys = [math.log(size) for size in sizes], [math.log(cost) for cost in costs]
    mean_x, mean_y = sum(xs) / len(xs), sum(ys) / len(ys)
    slope = sum((x - mean_x) * (y - mean_y) for x, y in zip(xs, ys, strict=True))
    return slope / sum((x - mean_x) ** 2 for x in xs)


if __name__ == "__main__":
    main()

"""How well tools are grouped when the names of their servers are hidden, beside TF-IDF with k-means.

    python -m benchmarks.graph_grouping CATALOG [--servers 50] [--draws 10] [--half even|odd]

Servers of 5 to 40 tools are drawn, their tools shuffled, everything that names the server, its category or its source
taken away, and all tools given to `find_edges` and `find_clusters` as those of one server. The truth is the server a
tool came from. Tools in no group count as groups of their own. k-means is told the true number of servers, which ours
is not. `--half` draws from the servers whose digest is even (on which the density was chosen) or odd.
"""

import argparse
import hashlib
import random
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np

from tdscaling.catalog import load
from tdscaling.graph import find_edges
from tdscaling.graph.clusters import partition
from tdscaling.graph.dependencies import by_server
from tdscaling.graph.services import units
from tdscaling.semantics.words import text_words, words
from tdscaling.types import Tool, ToolKey

HALVES = {"even": (0,), "odd": (1,), "both": (0, 1)}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("catalog", type=Path)
    parser.add_argument("--servers", type=int, default=50)
    parser.add_argument("--draws", type=int, default=10)
    parser.add_argument("--half", choices=HALVES, default="both")
    options = parser.parse_args()
    servers: dict[str, list[Tool]] = {}
    for tool in load(options.catalog):
        servers.setdefault(tool.server, []).append(tool)
    fit = sorted(name for name, tools in servers.items() if 5 <= len(tools) <= 40 and _half(name, options.half))
    totals: dict[str, list[tuple[float, float, float, float]]] = {}
    for draw in range(options.draws):
        rng = random.Random(draw)
        chosen = [tool for name in rng.sample(fit, options.servers) for tool in servers[name]]
        rng.shuffle(chosen)
        truth = [tool.server for tool in chosen]
        for name, groups in ours([hidden(tool, number) for number, tool in enumerate(chosen)]).items():
            totals.setdefault(name, []).append(scores(truth, groups))
        baseline = kmeans(tfidf(chosen), options.servers, np.random.default_rng(draw))
        totals.setdefault("TF-IDF k-means (k known)", []).append(scores(truth, baseline))
    for name, rows in totals.items():
        mean, spread = np.mean(rows, axis=0), np.std(rows, axis=0, ddof=1) if len(rows) > 1 else np.zeros(4)
        ari, precision, recall, f = (f"{one:.3f} ± {two:.3f}" for one, two in zip(mean, spread, strict=True))
        least = min(row[0] for row in rows)
        print(f"{name:34} ARI {ari} (least {least:.3f})  B-cubed P {precision}  R {recall}  F {f}")


def _half(name: str, half: str) -> bool:
    return int(hashlib.sha256(name.encode()).hexdigest(), 16) % 2 in HALVES[half]


def hidden(tool: Tool, number: int) -> Tool:
    """The tool without what tells its server; the number keeps tools of one name apart."""
    name = f"{tool.name}~{number}"
    return replace(tool, server="hidden", name=name, server_description="", category="", source="", licence="")


def ours(tools: Sequence[Tool]) -> Mapping[str, list[int]]:
    """Group numbers of the tools: the services that are recovered, and the clusters of 3 to 20 tools in them."""
    recovered = [[tool.key for tool in unit.tools] for unit in units(by_server(tools))]
    return {
        "services recovered": _numbers(tools, recovered),
        "clusters (20 tools at most)": _numbers(tools, partition(tools, find_edges(tools))),
    }


def _numbers(tools: Sequence[Tool], groups: Iterable[Iterable[ToolKey]]) -> list[int]:
    number = {key: index for index, group in enumerate(groups) for key in group}
    return [number.get(tool.key, -1 - index) for index, tool in enumerate(tools)]


def tfidf(tools: Sequence[Tool]) -> np.ndarray:
    """Unit rows of TF-IDF over the words of names and descriptions."""
    texts = [Counter([*words(tool.name), *text_words(tool.description)]) for tool in tools]
    vocabulary = {word: index for index, word in enumerate(sorted({word for text in texts for word in text}))}
    table = np.zeros((len(tools), len(vocabulary)))
    for row, text in enumerate(texts):
        for word, count in text.items():
            table[row, vocabulary[word]] = count
    table *= np.log(len(tools) / (table > 0).sum(axis=0))
    return table / np.maximum(np.linalg.norm(table, axis=1, keepdims=True), 1e-9)


def kmeans(rows: np.ndarray, k: int, rng: np.random.Generator, tries: int = 5) -> list[int]:
    """Spherical k-means with k-means++ starts, the best of some tries."""
    best, found = -1.0, np.zeros(len(rows), dtype=int)
    for _ in range(tries):
        centres = rows[[int(rng.integers(len(rows)))]]
        while len(centres) < k:
            far = np.clip(1 - (rows @ centres.T).max(axis=1), 0, None) ** 2
            centres = np.vstack([centres, rows[rng.choice(len(rows), p=far / far.sum())]])
        for _ in range(30):
            nearest = (rows @ centres.T).argmax(axis=1)
            sums = np.stack([rows[nearest == group].sum(axis=0) for group in range(k)])
            centres = sums / np.maximum(np.linalg.norm(sums, axis=1, keepdims=True), 1e-9)
        fit = float((rows @ centres.T).max(axis=1).sum())
        if fit > best:
            best, found = fit, (rows @ centres.T).argmax(axis=1)
    return found.tolist()


def scores(truth: Sequence[str], groups: Sequence[int]) -> tuple[float, float, float, float]:
    """Adjusted Rand index; B-cubed precision, recall and F.

    >>> scores(["a", "a", "b", "b"], [1, 1, 2, 2])
    (1.0, 1.0, 1.0, 1.0)
    """
    both = Counter(zip(truth, groups, strict=True))
    rows, columns = Counter(truth), Counter(groups)
    pairs = sum(count * (count - 1) / 2 for count in both.values())
    of_rows = sum(count * (count - 1) / 2 for count in rows.values())
    of_columns = sum(count * (count - 1) / 2 for count in columns.values())
    chance = of_rows * of_columns / (len(truth) * (len(truth) - 1) / 2)
    index = (pairs - chance) / ((of_rows + of_columns) / 2 - chance)
    precision = sum(count * count / columns[group] for (_, group), count in both.items()) / len(truth)
    recall = sum(count * count / rows[name] for (name, _), count in both.items()) / len(truth)
    return index, precision, recall, 2 * precision * recall / (precision + recall)


if __name__ == "__main__":
    main()

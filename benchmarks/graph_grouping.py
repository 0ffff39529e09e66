"""How well tools are grouped when the names of their servers are hidden, beside TF-IDF with k-means.

    python benchmarks/graph_grouping.py CATALOG [--servers 50] [--draws 5]

Servers of 5 to 40 tools are drawn, their tools shuffled, the servers' names and descriptions taken away, and all tools
are grouped as those of one server. The truth is the server a tool came from. Tools in no group count as groups of their
own. k-means is told the true number of servers, which our grouping is not.
"""

import argparse
import random
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np

from tdscaling.catalog import load
from tdscaling.graph import find_edges
from tdscaling.graph.clusters import partition
from tdscaling.graph.leiden import leiden
from tdscaling.semantics.words import text_words, words
from tdscaling.types import Tool


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("catalog", type=Path)
    parser.add_argument("--servers", type=int, default=50)
    parser.add_argument("--draws", type=int, default=5)
    options = parser.parse_args()
    servers: dict[str, list[Tool]] = {}
    for tool in load(options.catalog):
        servers.setdefault(tool.server, []).append(tool)
    fit = sorted(name for name, tools in servers.items() if 5 <= len(tools) <= 40)
    totals: dict[str, list[tuple[float, float, float, float]]] = {}
    for draw in range(options.draws):
        rng = random.Random(draw)
        chosen = [tool for name in rng.sample(fit, options.servers) for tool in servers[name]]
        rng.shuffle(chosen)
        truth = [tool.server for tool in chosen]
        hidden = [
            replace(tool, server="hidden", name=f"{tool.name}~{number}", server_description="", category="")
            for number, tool in enumerate(chosen)
        ]
        for name, groups in ours(hidden).items():
            totals.setdefault(name, []).append(scores(truth, groups))
        baseline = kmeans(tfidf(chosen), options.servers, np.random.default_rng(draw))
        totals.setdefault("TF-IDF k-means (k known)", []).append(scores(truth, baseline))
    for name, rows in totals.items():
        mean = np.mean(rows, axis=0)
        print(f"{name:34} ARI {mean[0]:.3f}  B-cubed P {mean[1]:.3f} R {mean[2]:.3f} F {mean[3]:.3f}")


def ours(tools: Sequence[Tool]) -> Mapping[str, list[int]]:
    """Group numbers of the tools: the clusters as they are (20 tools at most), and Leiden on the same edges without."""
    edges = find_edges(tools)
    place = {tool.key: index for index, tool in enumerate(tools)}
    capped = list(range(len(tools)))
    for group in partition(tools, edges):
        for key in group:
            capped[place[key]] = len(tools) + min(place[member] for member in group)
    weight: dict[tuple[int, int], float] = {}
    for edge in edges:
        one, two = sorted((place[edge.producer.key], place[edge.consumer.key]))
        weight[one, two] = max(weight.get((one, two), 0.0), edge.score)
    near = {pair: 0.3 * value for pair, value in weight.items()}
    for pair, cosine in neighbours(tools):
        near[pair] = near.get(pair, 0.0) + cosine
    return {
        "clusters (20 tools at most)": capped,
        "the same edges without the limit": _communities(len(tools), weight, 2.0),
        "edges and TF-IDF neighbours": _communities(len(tools), near, 4.0),
    }


def neighbours(tools: Sequence[Tool], count: int = 10) -> list[tuple[tuple[int, int], float]]:
    """The pairs of a tool and its nearest by TF-IDF, with their cosine."""
    rows = tfidf(tools)
    near = rows @ rows.T
    np.fill_diagonal(near, -1.0)
    best = np.argsort(-near, axis=1, kind="stable")[:, :count]
    return [
        ((min(one, two), max(one, two)), float(near[one, two]))
        for one in range(len(tools))
        for two in best[one].tolist()
        if near[one, two] > 0
    ]


def _communities(size: int, weight: Mapping[tuple[int, int], float], resolution: float) -> list[int]:
    found = list(range(size))
    links = [(*pair, value) for pair, value in sorted(weight.items())]
    for number, members in enumerate(leiden(size, links, resolution)):
        for member in members:
            found[member] = number
    return found


def tfidf(tools: Sequence[Tool]) -> np.ndarray:
    """Unit rows of TF-IDF over the words of names and descriptions."""
    texts = [Counter([*words(tool.name.split("~")[0]), *text_words(tool.description)]) for tool in tools]
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

"""Fits the model of the edge score on a catalogue of specifications and prints how well it does on another one.

    python -m benchmarks.graph_fit --train TRAIN.jsonl.gz --test TEST.jsonl.gz [--choose] [--write] [--ablate]

The catalogues are made with `tdscaling catalog build`; see docs/graph.md for which specifications go where and for what
the figures mean.
"""

import argparse
import json
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Protocol

import numpy as np
import numpy.typing as npt
from benchmarks.boosting import Settings, Trees, boost
from benchmarks.graph_devset import DevSet, Question, build, held_out

from tdscaling.catalog import load
from tdscaling.graph.dependencies import by_server
from tdscaling.graph.embeddings import Embedder, embeddings
from tdscaling.graph.encoders import chosen
from tdscaling.graph.scoring import model
from tdscaling.graph.signals import GROUPS, NAMES
from tdscaling.graph.synonyms import synonyms
from tdscaling.graph.value_edges import candidates
from tdscaling.semantics.views import views
from tdscaling.types import Tool

Floats = npt.NDArray[np.float32]
Array = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
JUDGED = Path(__file__).parent / "data" / "mcp_judged.jsonl"
WEIGHTS = Path(__file__).parent.parent / "src/tdscaling/graph/data/weights.json"
SHIPPED = Settings()
_FITTED_ROUNDS = frozenset((1, 2))
"""Rounds of judged pairs that the fit sees; later ones only measure."""
_READ = 4.0
"""The weight of a pair that a reader judged."""
_SECOND = 0.5
"""The weight of questions whose collection nothing lists or creates."""
QUICK = Settings(trees=40, depth=5, rate=0.3, rows=0.2, bins=24)
"""For the rounds before the last one, and for the ablation, which fits once a group of signals."""
_TRIED = (Settings(trees=120, depth=5, rate=0.15, bins=24), Settings(trees=300, depth=5, bins=24), SHIPPED)
"""What `--choose` compares, on vendors of the fitting set alone."""


class Scorer(Protocol):
    def logits(self, rows: Floats) -> npt.NDArray[np.floating]: ...


@dataclass(frozen=True)
class Pairs:
    """Candidates of questions, one row each. `pair` numbers the (question, producer) of a row, `question` and `held`
    say whose question it is and whether it is of a held-out vendor; `label` is 1 gold, 0 wrong, -1 unjudged. `missed`
    has one entry for each gold pair without any candidate: whether it is of a held-out vendor. `weight` is what a row
    counts in the fit.
    """

    rows: Floats
    pair: Ints
    question: Ints
    label: Ints
    held: npt.NDArray[np.bool_]
    missed: tuple[bool, ...]
    weight: Array


def gather(devset: DevSet, weight: float = 1.0, embed: Embedder = embeddings) -> Pairs:
    """The candidates of every question of a development set, each of this weight in a fit."""
    asked = {(q.server, q.consumer, q.field): (number, q) for number, q in enumerate(devset.questions)}
    parts: list[Floats] = []
    found: list[tuple[int, int, int, bool, float]] = []
    numbers: dict[tuple[int, str], int] = {}
    for server, tools in devset.tools.items():
        seen = views(tools)
        for pairs in candidates(seen, synonyms(seen, embed), embed):
            ends = np.append(pairs.starts[1:], len(pairs.offer)).tolist()
            for begin, end in zip(pairs.starts.tolist(), ends, strict=True):
                want = pairs.wants[pairs.want[begin]]
                if (key := (server, seen[want.tool].key.name, want.field.path)) in asked:
                    number, question = asked[key]
                    names = [seen[pairs.offers[row].tool].key.name for row in pairs.offer[begin:end].tolist()]
                    pair = [numbers.setdefault((number, name), len(numbers)) for name in names]
                    said, heavy = held_out(server), weight * (_SECOND if question.second else 1.0)
                    found.extend(
                        (p, number, _label(question, n), said, heavy) for p, n in zip(pair, names, strict=True)
                    )
                    parts.append(pairs.values[begin:end])
    missed = tuple(
        held_out(q.server)
        for number, q in enumerate(devset.questions)
        for name in sorted(q.gold)
        if (number, name) not in numbers
    )
    pair, question, label, held, weights = (np.array(column) for column in zip(*found, strict=True))
    return Pairs(np.concatenate(parts), pair, question, label, held, missed, weights)


def judged(tools: Sequence[Tool], rounds: frozenset[int]) -> DevSet:
    """Pairs of tools without paths that a reader judged (data/mcp_judged.jsonl), as questions; what was not drawn is
    unjudged."""
    rows = [json.loads(line) for line in JUDGED.read_text(encoding="utf-8").splitlines()]
    rows = [row for row in rows if row["round"] in rounds]
    servers = by_server(tools)
    held = {name: servers[name] for name in sorted({row["server"] for row in rows} & servers.keys())}
    asked: dict[tuple[str, str, str], dict[str, bool]] = {}
    for row in rows:
        if row["server"] in held:
            asked.setdefault((row["server"], row["consumer"], row["field"]), {})[row["producer"]] = row["right"]
    questions = [
        Question(
            *place,
            frozenset(name for name, right in said.items() if right),
            frozenset(tool.name for tool in held[place[0]]) - said.keys(),
        )
        for place, said in sorted(asked.items())
    ]
    return DevSet(held, questions)


def _label(question: Question, producer: str) -> int:
    return 1 if producer in question.gold else -1 if producer in question.unjudged else 0


def fit(pairs: Pairs, keep: npt.NDArray[np.bool_], settings: Settings, rounds: int = 2) -> Trees:
    """Boosted trees; in each round a pair is its best candidate under the trees of the round before."""
    at = {name: pairs.rows[:, column] for column, name in enumerate(NAMES)}
    logits = at["entity"] * 2 + at["entity_alias"] * 1.9 + at["own"] + at["entity_narrower"] + at["same_kind"]
    logits = logits + at["shallow"]
    for round_ in range(1, rounds + 1):
        how = settings if round_ == rounds else QUICK
        best = _best(pairs, logits)
        judged = best[pairs.label[best] >= 0]
        trees = boost(pairs.rows[judged], pairs.label[judged].astype(float), pairs.weight[judged], keep, how)
        logits = trees.logits(pairs.rows)
    return trees


def _best(pairs: Pairs, logits: npt.NDArray[np.floating]) -> Ints:
    """The row of the best candidate of each pair."""
    order = np.lexsort((-logits, pairs.pair))
    first = np.r_[True, pairs.pair[order][1:] != pairs.pair[order][:-1]]
    return order[first]


def report(pairs: Pairs, scorer: Scorer, threshold: float = 0.5, *, held: bool | None = None) -> dict[str, float]:
    """Precision and recall of pairs at the threshold, calibration (10 bins) and Brier score, area under the ROC curve.

    `top`: of the questions with an asserted and judged producer, the share whose best one is gold. `held`: only the
    vendors held out (True), only the others (False).
    """
    logits = scorer.logits(pairs.rows)
    best = _best(pairs, logits)
    if held is not None:
        best = best[pairs.held[best] == held]
    missed = sum(held is None or one == held for one in pairs.missed)
    score = 1 / (1 + np.exp(-np.clip(logits[best].astype(float), -30, 30)))
    label = pairs.label[best]
    judged, said = label >= 0, score >= threshold
    hit = int(((label == 1) & said).sum())
    gold = int((label == 1).sum()) + missed
    found, truth = score[judged], label[judged].astype(float)
    bins = np.minimum((found * 10).astype(int), 9)
    gaps = [abs(found[bins == b].mean() - truth[bins == b].mean()) * (bins == b).mean() for b in set(bins.tolist())]
    return {
        "precision": hit / max(1, int((judged & said).sum())),
        "precision_strict": hit / max(1, int(said.sum())),
        "recall": hit / max(1, gold),
        "top": _top(pairs.question[best][judged & said], score[judged & said], label[judged & said]),
        "calibration_error": float(sum(gaps)),
        "brier": float(((found - truth) ** 2).mean()),
        "auc": _auc(found, truth),
        "gold": gold,
        "without_candidate": missed,
    }


def _top(question: Ints, score: Array, label: Ints) -> float:
    order = np.lexsort((-score, question))
    first = np.r_[True, question[order][1:] != question[order][:-1]]
    return float(label[order][first].mean()) if len(order) else 0.0


def _auc(score: Array, truth: Array) -> float:
    ranks = np.empty(len(score))
    ranks[np.argsort(score, kind="stable")] = np.arange(1, len(score) + 1)
    positive = truth.sum()
    return float((ranks[truth == 1].sum() - positive * (positive + 1) / 2) / (positive * (len(truth) - positive)))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--train", type=Path, help="without it only the shipped model is measured")
    parser.add_argument("--test", type=Path, required=True)
    parser.add_argument("--mcp", type=Path, help="catalogue with the tools of the judged pairs")
    parser.add_argument("--write", action="store_true", help="write the model into the package")
    parser.add_argument("--choose", action="store_true", help="only compare settings, fitted on half of the vendors")
    parser.add_argument("--ablate", action="store_true", help="fit again without each group of signals")
    parser.add_argument("--embeddings", metavar="MODEL", help="measure with a sentence-transformers model's vectors")
    options = parser.parse_args()
    embed = chosen(options.embeddings)
    if options.train and options.choose:
        _choose(_training(options.train, options.mcp))
        return
    test = {name: gather(build(_tools(options.test), outputs=outputs), 1.0, embed) for name, outputs in _VARIANTS}
    _show("as shipped", test, model())
    if options.train is None:
        return
    train = _training(options.train, options.mcp)
    every = np.ones(len(NAMES), dtype=bool)
    trees = fit(train, every, SHIPPED)
    print("fitting set:", json.dumps(_rounded(report(train, trees))))
    _show("fitted now", test, trees)
    if options.write:
        WEIGHTS.write_text(as_json(trees), encoding="utf-8")
    if options.ablate:
        _ablate(train, test)


def _training(catalogue: Path, mcp: Path | None) -> Pairs:
    """The fitting set: a catalogue with outputs and without, and what a reader judged of the tools in another one."""
    parts = [gather(build(_tools(catalogue), outputs=outputs, second=True)) for _, outputs in _VARIANTS]
    if mcp:
        parts.append(gather(judged(load(mcp), _FITTED_ROUNDS), _READ))
    return _joined(parts)


_BY_ROW = ("rows", "pair", "question", "label", "held", "weight")
_VARIANTS = (("outputs published", True), ("outputs hidden", False))


def _tools(catalogue: Path) -> Sequence[Tool]:
    return [tool for tool in load(catalogue) if tool.source.startswith("openapi") or "x-http" in tool.annotations]


def _show(what: str, test: dict[str, Pairs], scorer: Scorer) -> None:
    for name, pairs in test.items():
        for part, held in (("all", None), ("looked at", False), ("held out", True)):
            print(f"{what}, {name}, {part}:", json.dumps(_rounded(report(pairs, scorer, held=held))))


def as_json(trees: Trees) -> str:
    """The file that `graph.scoring` reads, a tree a line; limits are exact, since many are values of signals."""
    lines: list[str] = []
    for signals, limits, values in zip(trees.signals, trees.at, trees.values, strict=True):
        at = [float(str(np.float32(limit))) for limit in limits]
        tree = {"signals": [NAMES[signal] for signal in signals], "at": at, "values": values}
        lines.append(json.dumps(tree, separators=(",", ":")))
    return '{"bias":' + str(round(trees.bias, 4)) + ',"trees":[\n' + ",\n".join(lines) + "\n]}\n"


def _joined(parts: list[Pairs]) -> Pairs:
    pairs: list[Ints] = []
    questions: list[Ints] = []
    shift = asked = 0
    for part in parts:
        pairs.append(part.pair + shift)
        questions.append(part.question + asked)
        shift += int(part.pair.max()) + 1
        asked += int(part.question.max()) + 1
    return Pairs(
        np.concatenate([part.rows for part in parts]),
        np.concatenate(pairs),
        np.concatenate(questions),
        np.concatenate([part.label for part in parts]),
        np.concatenate([part.held for part in parts]),
        tuple(held for part in parts for held in part.missed),
        np.concatenate([part.weight for part in parts]),
    )


def _choose(train: Pairs) -> None:
    """Settings fitted on half of the vendors of the fitting set, measured on the other half."""
    half = replace(train, **{name: getattr(train, name)[~train.held] for name in _BY_ROW})
    for settings in _TRIED:
        trees = fit(half, np.ones(len(NAMES), dtype=bool), settings)
        print(settings, json.dumps(_rounded(report(train, trees, held=True))), flush=True)


def _ablate(train: Pairs, test: dict[str, Pairs]) -> None:
    for name, members in (("nothing", ()), *GROUPS.items()):
        keep = np.array([signal not in members for signal in NAMES])
        trees = fit(train, keep, QUICK, rounds=1)
        cells = [report(pairs, trees) for pairs in test.values()]
        f1 = [2 * c["precision"] * c["recall"] / (c["precision"] + c["recall"]) for c in cells]
        told = [f"{c['precision']:.3f} {c['recall']:.3f} {f:.3f}" for c, f in zip(cells, f1, strict=True)]
        print(f"| {name} | " + " | ".join(told) + " |", flush=True)


def _rounded(values: dict[str, float]) -> dict[str, float]:
    return {name: round(value, 4) for name, value in values.items()}


if __name__ == "__main__":
    main()

"""Fits the weights of the edge score on a catalogue of specifications and prints how well they do on another one.

    python benchmarks/graph_fit.py --train TRAIN.jsonl.gz --test TEST.jsonl.gz [--write] [--ablate]

The catalogues are made with `tdscaling catalog build`; see docs/graph.md for which specifications go where.
"""

import argparse
import json
import sys
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
from benchmarks.graph_devset import DevSet, Question, build

from tdscaling.catalog import load
from tdscaling.graph.scoring import weights
from tdscaling.graph.signals import GROUPS, NAMES
from tdscaling.graph.synonyms import synonyms
from tdscaling.graph.value_edges import candidates
from tdscaling.semantics.views import views

Array = npt.NDArray[np.float64]
WEIGHTS = Path(__file__).parent.parent / "src/tdscaling/graph/data/weights.json"


@dataclass(frozen=True)
class Pairs:
    """Candidates of questions, one row each. `pair` numbers the (question, producer); `label` is 1 gold, 0 wrong,
    -1 unjudged; `missed` counts gold pairs without any candidate.
    """

    rows: Array
    pair: npt.NDArray[np.int64]
    label: npt.NDArray[np.int64]
    missed: int


def gather(devset: DevSet) -> Pairs:
    """The candidates of every question of a development set."""
    asked: dict[tuple[str, str, str], Question] = {(q.server, q.consumer, q.field): q for q in devset.questions}
    rows: list[tuple[float, ...]] = []
    pair: list[int] = []
    label: list[int] = []
    numbers: dict[tuple[str, str, str, str], int] = {}
    missed = sum(len(question.gold) for question in devset.questions)
    for server, tools in devset.tools.items():
        seen = views(tools)
        for group in candidates(seen, synonyms(seen)):
            want = group[0].want
            question = asked.get((server, seen[want.tool].key.name, want.field.path))
            if question is None:
                continue
            for candidate in group:
                producer = seen[candidate.offer.tool].key.name
                key = (server, question.consumer, question.field, producer)
                judged = 1 if producer in question.gold else -1 if producer in question.unjudged else 0
                missed -= key not in numbers and judged == 1
                rows.append(candidate.values)
                pair.append(numbers.setdefault(key, len(numbers)))
                label.append(judged)
    return Pairs(np.array(rows), np.array(pair), np.array(label), missed)


def fit(pairs: Pairs, keep: npt.NDArray[np.bool_], rounds: int = 4) -> Array:
    """Logistic weights; in each round a pair is its best candidate under the weights of the round before."""
    model = np.array(weights()) * keep
    for _ in range(rounds):
        best = _best(pairs, model)
        judged = best[pairs.label[best] >= 0]
        model = _newton(pairs.rows[judged] * keep, pairs.label[judged].astype(float))
    return model * keep


def _best(pairs: Pairs, model: Array) -> npt.NDArray[np.int64]:
    """The row of the best candidate of each pair."""
    order = np.lexsort((-(pairs.rows @ model), pairs.pair))
    first = np.r_[True, pairs.pair[order][1:] != pairs.pair[order][:-1]]
    return order[first]


def _newton(rows: Array, label: Array, ridge: float = 3.0, steps: int = 25) -> Array:
    model = np.zeros(rows.shape[1])
    for _ in range(steps):
        guess = 1 / (1 + np.exp(-np.clip(rows @ model, -30, 30)))
        slope = rows.T @ (guess - label) + ridge * model
        bend = (rows * (guess * (1 - guess))[:, None]).T @ rows + ridge * np.eye(len(model))
        model = model - np.linalg.solve(bend, slope)
    return model


def report(pairs: Pairs, model: Array, threshold: float = 0.5) -> dict[str, float]:
    """Precision and recall of pairs at the threshold, calibration error (10 bins) and area under the ROC curve."""
    best = _best(pairs, model)
    score = 1 / (1 + np.exp(-np.clip(pairs.rows[best] @ model, -30, 30)))
    label = pairs.label[best]
    judged = label >= 0
    hit = int(((label == 1) & (score >= threshold)).sum())
    gold = int((label == 1).sum()) + pairs.missed
    taken = int((judged & (score >= threshold)).sum())
    strict = int((score >= threshold).sum())
    found, truth = score[judged], label[judged].astype(float)
    bins = np.minimum((found * 10).astype(int), 9)
    gaps = [abs(found[bins == b].mean() - truth[bins == b].mean()) * (bins == b).mean() for b in set(bins.tolist())]
    return {
        "precision": hit / max(1, taken),
        "precision_strict": hit / max(1, strict),
        "recall": hit / max(1, gold),
        "calibration_error": float(sum(gaps)),
        "auc": _auc(found, truth),
        "gold": gold,
        "without_candidate": pairs.missed,
    }


def _auc(score: Array, truth: Array) -> float:
    ranks = np.empty(len(score))
    ranks[np.argsort(score, kind="stable")] = np.arange(1, len(score) + 1)
    positive = truth.sum()
    return float((ranks[truth == 1].sum() - positive * (positive + 1) / 2) / (positive * (len(truth) - positive)))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--train", type=Path, required=True)
    parser.add_argument("--test", type=Path, required=True)
    parser.add_argument("--write", action="store_true", help="write the weights into the package")
    parser.add_argument("--ablate", action="store_true", help="fit again without each signal")
    options = parser.parse_args()
    train = [gather(build(load(options.train), outputs=outputs)) for outputs in (True, False)]
    test = {name: gather(build(load(options.test), outputs=outputs)) for name, outputs in _VARIANTS}
    both = _joined(train)
    every = np.ones(len(NAMES), dtype=bool)
    model = fit(both, every)
    print("train ", json.dumps(_rounded(report(both, model))))
    for name, pairs in test.items():
        print(f"{name:7}", json.dumps(_rounded(report(pairs, model))))
        print(f"{name:7} as shipped", json.dumps(_rounded(report(pairs, np.array(weights())))))
    if options.ablate:
        _ablate(both, test)
    if options.write:
        table = {name: round(float(value), 3) for name, value in zip(NAMES, model, strict=True)}
        WEIGHTS.write_text(json.dumps(table, indent=1) + "\n", encoding="utf-8")
    else:
        json.dump({n: round(float(v), 2) for n, v in zip(NAMES, model, strict=True)}, sys.stdout)


_VARIANTS = (("schemas", True), ("none", False))


def _joined(parts: list[Pairs]) -> Pairs:
    shift = 0
    numbers: list[npt.NDArray[np.int64]] = []
    for part in parts:
        numbers.append(part.pair + shift)
        shift += int(part.pair.max()) + 1
    return Pairs(
        np.concatenate([part.rows for part in parts]),
        np.concatenate(numbers),
        np.concatenate([part.label for part in parts]),
        sum(part.missed for part in parts),
    )


def _ablate(train: Pairs, test: dict[str, Pairs]) -> None:
    for name, members in GROUPS.items():
        keep = np.array([signal not in members for signal in NAMES])
        model = fit(train, keep)
        cells = [report(pairs, model) for pairs in test.values()]
        print(
            f"without {name:32}", *(f"{c['precision']:.3f} {c['recall']:.3f} {c['auc']:.4f}" for c in cells), sep="  "
        )


def _rounded(values: dict[str, float]) -> dict[str, float]:
    return {name: round(value, 3) for name, value in values.items()}


if __name__ == "__main__":
    main()

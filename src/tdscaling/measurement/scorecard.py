"""The figures of a data set that are set beside those of another."""

from tdscaling.measurement import Measurement
from tdscaling.metrics import Entropy
from tdscaling.metrics.bootstrap import Interval


def scorecard(found: Measurement) -> dict[str, str]:
    """Name of a figure to the figure; entropies are normalised, their 95 % intervals in nats."""
    one, spread = found.summary, found.spread
    share = one.duplicates / one.n
    return {
        "trajectories measured": f"{one.n} of {found.rows} rows",
        "Domain Entropy": _entropy(one.domain_entropy, found.intervals["domain_entropy"]),
        "Reasoning Mode Entropy": _entropy(one.mode_entropy, found.intervals["mode_entropy"]),
        "Mode bigrams": f"{one.bigram_entropy.normalised:.3f}",
        "without a mode": f"{one.none_share:.1%}",
        "modes that occur": str(len(one.modes)),
        "non-empty cells": str(len(one.cells)),
        "CAC mean (95 %)": f"{one.cac_mean:.2f} ({_between(found.intervals['cac_mean'])})",
        "CAC p50 / p90": f"{one.cac[50]:.2f} / {one.cac[90]:.2f}",
        "tools, tool bigrams": f"{len(one.tools)}, {len(one.tool_bigrams)}",
        "calls per trajectory": f"{one.calls / one.n:.2f}",
        "near-duplicates": "" if spread is None else f"{one.duplicates} ({share:.1%})",
        "Vendi of requests": "" if spread is None else f"{spread.vendi:.1f} of {spread.sampled}",
        "distance of call sequences": "" if spread is None else f"{spread.calls:.3f}",
    }


def _entropy(value: Entropy, interval: Interval) -> str:
    return f"{value.normalised:.3f} ({_between(interval)} nats)"


def _between(interval: Interval) -> str:
    return f"{interval.low:.2f}-{interval.high:.2f}"

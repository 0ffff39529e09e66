"""Metrics over dialogues: reasoning modes, entropies, complexity, similarity. See docs/definitions.md."""

from tdscaling.metrics.complexity import Weights, band, cac
from tdscaling.metrics.descriptor import describe
from tdscaling.metrics.duplicates import NearDuplicates
from tdscaling.metrics.entropy import Entropy, entropy
from tdscaling.metrics.modes import NONE, OTHERWISE, Condition, ModeHit, detect, modes, primary_mode
from tdscaling.metrics.similarity import mean_distance, vendi, vendi_of
from tdscaling.metrics.summary import Summary, Tally
from tdscaling.metrics.trace import Trace

__all__ = [
    "NONE",
    "OTHERWISE",
    "Condition",
    "Entropy",
    "ModeHit",
    "NearDuplicates",
    "Summary",
    "Tally",
    "Trace",
    "Weights",
    "band",
    "cac",
    "describe",
    "detect",
    "entropy",
    "mean_distance",
    "modes",
    "primary_mode",
    "vendi",
    "vendi_of",
]

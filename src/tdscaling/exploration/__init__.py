"""Exploration by execution: value pools, observed outputs, and dependency edges proved by calls."""

from tdscaling.exploration.explore import ExplorationLimits, explore

__all__ = ["ExplorationLimits", "explore"]

"""Evaluations of a model behind an OpenAI-compatible endpoint: adapters to benchmarks, which are never vendored."""

from tdscaling.evals.outcome import Item, Outcome, read_outcome, write_outcome

__all__ = ["Item", "Outcome", "read_outcome", "write_outcome"]

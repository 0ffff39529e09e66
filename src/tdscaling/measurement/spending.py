"""What models have cost a run: by role, by filter, by cluster, in all, and for each trajectory kept."""

from collections import Counter
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from tdscaling.llm.answers import FILE, Answers, Paid
from tdscaling.llm.protocol import Usage
from tdscaling.store import Fault, UsageShare, UsageTotal, read_run


@dataclass(frozen=True, slots=True)
class Spending:
    """`roles`: what finished episodes took, which `fates` tells by the line of the funnel and `clusters` by cluster;
    `paid`: all that was paid for in this folder; `beside`: the requests among it that are no finished episode's, and
    what they took: of episodes under way when the run had enough or was stopped, and the probe of a protocol;
    `user_messages` written by the user's model, and by kind those that the monitor found faulty; `endings`: how many
    episodes ended because of what a role's model answered, by role and by the name of what was wrong, or too late."""

    roles: tuple[UsageTotal, ...]
    paid: tuple[Paid, ...]
    kept: int
    user_messages: int
    user_faults: dict[str, int]
    fates: tuple[UsageShare, ...]
    clusters: tuple[UsageShare, ...]
    beside: tuple[int, Usage]
    endings: dict[str, int]

    @property
    def user_fault_rate(self) -> float:
        """Of the messages that the user's model wrote, the share that was faulty; 0 where it wrote none."""
        return sum(self.user_faults.values()) / self.user_messages if self.user_messages else 0.0


def spending(folder: Path) -> Spending | None:
    """What the models of a run have cost; None where it asked none. Raises StoreError."""
    with read_run(folder) as reader:
        roles, kept = tuple(reader.usage_totals()), reader.kept_count()
        fates, clusters = tuple(reader.usage_by_fate()), tuple(reader.usage_by_cluster())
        recorded = reader.requests()
        noted = reader.faults()
    faults = Counter(one.kind.removeprefix("user:") for one in noted if one.kind.startswith("user:"))
    endings = Counter(_ending(one) for one in noted if one.kind in ("user", "assistant", "deadline"))
    paid: tuple[Paid, ...] = ()
    beside = 0, Usage()
    asked = (folder / FILE).is_file()
    if asked:
        with closing(Answers.read(folder)) as answers:
            paid, beside = answers.paid(), answers.paid_beside(recorded)
    if not roles and not asked:
        return None
    return Spending(
        roles=roles,
        paid=paid,
        kept=kept,
        user_messages=sum(total.requests for total in roles if total.role == "user"),
        user_faults=dict(sorted(faults.items())),
        fates=fates,
        clusters=clusters,
        beside=beside,
        endings=dict(sorted(endings.items())),
    )


def _ending(fault: Fault) -> str:
    """Whose failure it was, and the name that its text begins with.

    >>> _ending(Fault(kind="assistant", subject="", detail="refused: the model said nothing"))
    'assistant: refused'
    >>> _ending(Fault(kind="user", subject="", detail="endpoint: context_overflow: it is too long"))
    'user: context_overflow'
    >>> _ending(Fault(kind="deadline", subject="", detail="the seconds of the turn or of the episode are over"))
    'deadline'
    """
    name = fault.detail.removeprefix("endpoint: ").partition(":")[0]
    return f"{fault.kind}: {name}" if name.isidentifier() else fault.kind


def spending_json(found: Spending) -> dict[str, object]:
    """The figures for machines."""
    tokens = sum(one.usage.tokens for one in found.paid)
    cost = sum(one.usage.cost for one in found.paid)
    each = max(found.kept, 1)
    return {
        "roles": {
            f"{one.role}: {one.model}": {
                "requests": one.requests,
                "prompt_tokens": one.prompt_tokens,
                "completion_tokens": one.completion_tokens,
                "mean_seconds": round(one.seconds / max(one.requests, 1), 4),
                "cost": round(one.cost, 6),
            }
            for one in found.roles
        },
        "paid": {"requests": sum(one.requests for one in found.paid), "tokens": tokens, "cost": round(cost, 6)},
        "beside_finished_episodes": {
            "requests": found.beside[0],
            "tokens": found.beside[1].tokens,
            "cost": round(found.beside[1].cost, 6),
        },
        "per_kept": {"tokens": round(tokens / each, 1), "cost": round(cost / each, 6)} if found.kept else None,
        "by_filter": {one.name: _share(one) for one in found.fates},
        "by_cluster": {one.name: {**_share(one), **_each_kept(one)} for one in found.clusters},
        "user_messages": found.user_messages,
        "user_faults": found.user_faults,
        "endings": found.endings,
        "user_fault_rate": round(found.user_fault_rate, 4),
    }


def _share(one: UsageShare) -> dict[str, object]:
    return {"items": one.items, "requests": one.requests, "tokens": one.tokens, "cost": round(one.cost, 6),
            "mean_seconds": round(one.seconds / one.requests, 4)}  # fmt: skip


def _each_kept(one: UsageShare) -> dict[str, object]:
    """What a kept trajectory of a cluster cost, with all that fell beside it."""
    each = {"tokens": round(one.tokens / one.kept, 1), "cost": round(one.cost / one.kept, 6)} if one.kept else None
    return {"kept": one.kept, "per_kept": each}

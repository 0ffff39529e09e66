"""What no arm trains on: services never seen, new tasks of services that are seen, code tasks."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import chain
from pathlib import Path
from random import Random

from tdscaling.config.experiment import HeldOutSettings
from tdscaling.errors import DataError, one_line
from tdscaling.export import EXPORTERS, Record, write_dataset
from tdscaling.scaling.pool import Sample
from tdscaling.selection.contamination import Held, held_of


@dataclass(frozen=True, slots=True, kw_only=True)
class Split:
    """What may be trained on, the three held-out sets, the services of the first of them, and how many samples are in
    none: `touching` these services, `overlapping` by a run of words, each counted once."""

    training: tuple[Sample, ...]
    unseen: tuple[Sample, ...]
    seen: tuple[Sample, ...]
    code: tuple[Sample, ...]
    services: tuple[str, ...]
    touching: int
    overlapping: int

    @property
    def held(self) -> tuple[Sample, ...]:
        return (*self.unseen, *self.seen, *self.code)


def split(samples: Sequence[Sample], settings: HeldOutSettings) -> Split:
    """The same pool gives the same split, whatever the seeds of the arms. Raises DataError for a pool too small."""
    order = list(samples)
    Random("held out").shuffle(order)
    business = [one for one in order if not one.code and one.services]
    services = _held_services(business, settings.unseen)
    unseen = [one for one in business if set(one.services) <= services][: settings.unseen]
    free = [one for one in business if not set(one.services) & services]
    tasks = [one for one in order if one.code]
    seen, free = _seen(free, settings.seen)
    if len(tasks) < settings.code:
        raise DataError(f"the pool has {len(tasks)} code tasks, {settings.code} are to be held out: make more of them")
    code, left = tasks[: settings.code], [one for one in tasks[settings.code :] if not set(one.services) & services]
    used = len(unseen) + len(seen) + len(free) + len(code) + len(left)
    held = _runs((*unseen, *seen, *code), settings.ngram)
    clean = [one for one in (*free, *left) if not held.overlaps(one.dialogue)]
    found = Split(
        training=tuple(sorted(clean, key=lambda one: one.row)),
        unseen=tuple(unseen),
        seen=tuple(seen),
        code=tuple(code),
        services=tuple(sorted(services)),
        touching=len(order) - used,
        overlapping=len(free) + len(left) - len(clean),
    )
    refuse_overlap(found.training, found, settings.ngram)
    return found


def save_held(found: Split, folder: Path) -> None:
    """Writes the held-out sets as data sets into `folder`/heldout, where `tdscaling eval heldout` finds them. Raises
    DataError for want of room."""
    place = folder / "heldout"
    try:
        place.mkdir(parents=True, exist_ok=True)
    except OSError as exc:
        raise DataError(f"{place} can't be made ({one_line(exc)}): make room there or name another folder") from exc
    for name, samples in (("unseen", found.unseen), ("seen", found.seen), ("code", found.code)):
        rows = [Record(id=one.id, dialogue=one.dialogue, metadata={"mode": one.where.primary_mode}) for one in samples]
        write_dataset(rows, EXPORTERS["openai"], place / f"{name}.jsonl")


def refuse_overlap(training: Iterable[Sample], held: Split, ngram: int) -> None:
    """Raises DataError for the first trajectory that is trained on and should not be: by id, by a tool of a service
    that must stay unseen, or by a run of `ngram` words."""
    runs, ids = _runs(held.held, ngram), {one.id for one in held.held}
    tools = frozenset(chain.from_iterable(one.tools for one in held.unseen))
    for one in training:
        if one.id in ids:
            raise DataError(f"{one.id} is trained on and held out: the pool has it twice")
        if shared := one.tools & tools:
            raise DataError(f"{one.id} is trained on and offers {min(shared)}, a tool that must stay unseen")
        if runs.overlaps(one.dialogue):
            raise DataError(f"{one.id} is trained on and shares {ngram} words in a row with a held-out trajectory")


def refuse_given(samples: Iterable[Sample], given: Path, ngram: int) -> None:
    """Raises DataError for the first trajectory that overlaps a held-out data set of the user's own."""
    held, _ = held_of([(str(given), [given])], ngram)
    for one in samples:
        if held.overlaps(one.dialogue):
            raise DataError(f"{one.id} of the pool shares {ngram} words in a row with {given}: leave it out of one")


def _runs(samples: Iterable[Sample], ngram: int) -> Held:
    said = (m.content for one in samples for m in one.dialogue.messages if m.role in ("user", "assistant"))
    return Held(said, ngram)


def _held_services(business: Sequence[Sample], wanted: int) -> set[str]:
    """Services that give `wanted` samples over them alone; at most half of all, so that something is left to see."""
    names = sorted({name for one in business for name in one.services})
    Random("services").shuffle(names)
    held: set[str] = set()
    for name in names[: len(names) // 2]:
        held.add(name)
        if sum(set(one.services) <= held for one in business) >= wanted:
            return held
    raise DataError(
        f"half of the pool's {len(names)} services give fewer than {wanted} trajectories that could be held out as "
        f"unseen: lower heldout.unseen, or name a pool of more services"
    )


def _seen(free: Sequence[Sample], wanted: int) -> tuple[list[Sample], list[Sample]]:
    """New tasks, of the modes in turn, each of whose services is left in what is trained on; and what is left."""
    by_mode: dict[str, list[Sample]] = {}
    for one in free:
        by_mode.setdefault(one.where.primary_mode, []).append(one)
    turns = in_turn([held for _, held in sorted(by_mode.items())])
    chosen, rest = turns[:wanted], turns[wanted:]
    known = {name for one in rest for name in one.services}
    if len(chosen) < wanted or not all(set(one.services) <= known for one in chosen):
        raise DataError(
            f"{len(free)} trajectories of seen services are too few to hold out {wanted} and train on others of "
            f"the same services: lower heldout.seen, or name a larger pool"
        )
    return chosen, rest


def in_turn(groups: Sequence[Sequence[Sample]]) -> list[Sample]:
    """The first of each group, then the second of each, and so on: a group that is used up is passed over."""
    most = max(map(len, groups), default=0)
    return [one for place in range(most) for group in groups for one in group[place : place + 1]]

"""The training sets that are set beside one another, each with the same number of tokens processed."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from random import Random

from tdscaling.config.experiment import ArmSettings, Family, TrainingSettings
from tdscaling.errors import DataError
from tdscaling.scaling.heldout import in_turn
from tdscaling.scaling.pool import FAMILIES, Sample
from tdscaling.scaling.schedule import TOLERANCE, Schedule, filled, scheduled
from tdscaling.selection import choose
from tdscaling.selection.features import Gathered

SHARE = 0.02
"""How far the share of code may be off; the business part makes up for it, so that the whole is matched."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Design:
    """What an arm is: `n` samples from the `kinds` largest values of a family, or what `select` or chance chose; with
    a `share` of the tokens for code tasks. `axes` are the comparisons it stands in."""

    name: str
    n: int = 0
    kinds: int = 0
    by: Family = "cell"
    choice: str = ""
    share: float = 0.0
    axes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Arm:
    """A design drawn with a seed: its samples, and the order in which they are trained on."""

    design: Design
    seed: int
    samples: tuple[Sample, ...]
    schedule: Schedule

    @property
    def passes(self) -> float:
        """How often a sample is seen on average."""
        return self.schedule.rows / len(self.samples)

    @property
    def code(self) -> float:
        """The share of the tokens processed that code tasks take."""
        places = [place for step in self.schedule.steps for place in step if self.samples[place].code]
        return sum(self.samples[place].tokens for place in places) / self.schedule.tokens

    @property
    def cells(self) -> int:
        return len({one.where.cell for one in self.samples})


def designs(settings: ArmSettings) -> tuple[Design, ...]:
    """Every arm once, with all the axes it stands in."""
    found: dict[str, Design] = {}
    for axis, design in _designs(settings):
        known = found.get(design.name, design)
        found[design.name] = replace(known, axes=(*known.axes, *([axis] if axis not in known.axes else [])))
    return tuple(found.values())


def _designs(settings: ArmSettings) -> Iterator[tuple[str, Design]]:
    for n in settings.quantity:
        yield "quantity", _spread(n, settings.few_cells)
    for by in settings.diversity_by:
        for kinds in settings.diversity:
            yield f"diversity by {by}", _spread(settings.diversity_n, kinds, by)
    if settings.grid is not None:
        for n in settings.grid.n:
            for kinds in settings.grid.cells:
                yield "grid", _spread(n, kinds)
    if settings.selection_tokens:
        for choice in ("select", "random"):
            yield "selection", Design(name=choice, choice=choice)
    widest = max((*settings.diversity, settings.few_cells))
    for share in settings.code_shares:
        plain = _spread(settings.diversity_n, widest)
        name = f"{plain.name} code {share:.0%}" if share else plain.name
        yield "code", replace(plain, name=name, share=share)


def _spread(n: int, kinds: int, by: Family = "cell") -> Design:
    return Design(name=f"n {n}, {kinds} {by}{'s' if kinds > 1 else ''}", n=n, kinds=kinds, by=by)


@dataclass(slots=True)
class Drawing:
    """Draws designs from what may be trained on. Of one seed, a smaller n is the beginning of a larger one, and fewer
    cells are among more. Another attempt is another draw, as of another seed."""

    training: Sequence[Sample]
    settings: ArmSettings
    budget: TrainingSettings
    seed: int
    attempt: int = 0
    business: list[Sample] = field(init=False)
    code: list[Sample] = field(init=False)

    def __post_init__(self) -> None:
        self.business = [one for one in self.training if not one.code]
        self.code = [one for one in self.training if one.code]

    @property
    def salt(self) -> str:
        return f"{self.seed}.{self.attempt}" if self.attempt else str(self.seed)

    @property
    def steps(self) -> int:
        return max(1, self.budget.budget_tokens // self.budget.step_tokens)

    def arm(self, design: Design) -> Arm:
        """Raises DataError where the pool is too small, UnmatchedError where the tokens can't be matched."""
        rng = Random(f"{self.salt} {design.name}")
        samples = self._chosen(design) if design.choice else self._spread(design)
        tokens, total = [one.tokens for one in samples], self.budget.budget_tokens
        tasks = self._tasks(round(total * design.share), design) if design.share else []
        lengths = [one.tokens for one in tasks]
        off, named = TOLERANCE * total, f"arm {design.name!r}"
        code = filled(lengths, round(total * design.share), rng, f"the code of {named}", SHARE * total) if tasks else []
        order = filled(tokens, total - sum(lengths[place] for place in code), rng, named, off)
        if code:
            order += [len(samples) + place for place in code]
            rng.shuffle(order)
        samples, tokens = [*samples, *tasks], [*tokens, *lengths]
        schedule = scheduled(tokens, order, self.steps, named)
        return Arm(design=design, seed=self.seed, samples=tuple(samples), schedule=schedule)

    def _spread(self, design: Design) -> list[Sample]:
        """Samples of the largest values of the family in turn; what a small one lacks, the others give."""
        groups = self._groups(FAMILIES[design.by])
        if len(groups) < design.kinds:
            raise DataError(
                f"arm {design.name!r}: the pool has {len(groups)} {design.by}s to train on, {design.kinds} are asked "
                f"for: name a more diverse pool or fewer {design.by}s"
            )
        turns = in_turn(groups[: design.kinds])
        if len(turns) < design.n:
            raise DataError(
                f"arm {design.name!r}: {design.kinds} {design.by}s of the pool have {len(turns)} trajectories to train "
                f"on, {design.n} are asked for: name a larger pool or a smaller n"
            )
        if design.n < design.kinds:
            raise DataError(f"arm {design.name!r}: {design.n} trajectories can't be of {design.kinds} {design.by}s")
        return turns[: design.n]

    def _groups(self, read: Callable[[Sample], str]) -> list[list[Sample]]:
        """The samples by value, the largest group first, each in an order of the seed."""
        groups: dict[str, list[Sample]] = {}
        for one in self.business:
            groups.setdefault(read(one), []).append(one)
        for name, group in groups.items():
            Random(f"{self.salt} {name}").shuffle(group)
        return [group for _, group in sorted(groups.items(), key=lambda pair: (-len(pair[1]), pair[0]))]

    def _chosen(self, design: Design) -> list[Sample]:
        """What `select` or chance takes of the business part for the tokens of a choice."""
        limit = self.settings.selection_tokens
        if sum(one.tokens for one in self.business) < 2 * limit:
            raise DataError(f"arm {design.name!r}: the pool has too few tokens to choose {limit} from: lower "
                            f"arms.selection_tokens")  # fmt: skip
        if design.choice == "random":
            return self._drawn(self.business, limit, design.name)
        gathered = Gathered(self.seed)
        for one in self.business:
            gathered.add(one.dialogue, one.where, one.tokens)
        return [self.business[item] for item in choose(gathered.columns(), limit).items]

    def _drawn(self, samples: Sequence[Sample], limit: int, name: str) -> list[Sample]:
        """Samples in a random order, those taken that still fit."""
        drawn: list[Sample] = []
        for one in Random(f"{self.salt} {name}").sample(samples, len(samples)):
            if one.tokens <= limit:
                drawn.append(one)
                limit -= one.tokens
        return drawn

    def _tasks(self, tokens: int, design: Design) -> list[Sample]:
        """Code tasks to fill a share of the budget: all, or as many as fit into half of it, since what two passes leave
        can be matched."""
        tasks = self._drawn(self.code, tokens // 2, "code")
        if not tasks:
            raise DataError(f"arm {design.name!r}: the pool has no code task to train on: make some of them")
        return tasks

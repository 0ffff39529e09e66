"""The checked plan of an episode: who wants what, which steps serve it, what must be true after."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Annotated, Literal, TypeAlias

from pydantic import Discriminator

from tdscaling.types.code import CodeWork
from tdscaling.types.json import JsonValue
from tdscaling.types.tools import ToolKey
from tdscaling.types.trajectory import Target
from tdscaling.types.world import StateDiff


@dataclass(frozen=True, slots=True, kw_only=True)
class Constant:
    """A value that the schema or the system prompt gives."""

    value: JsonValue
    kind: Literal["constant"] = "constant"


@dataclass(frozen=True, slots=True, kw_only=True)
class FromFact:
    """The value of something the user knows and says."""

    fact: str
    kind: Literal["fact"] = "fact"


@dataclass(frozen=True, slots=True, kw_only=True)
class FromOutput:
    """A value read from an earlier step's result.

    `path` is a dotted path with `[]` for list items ("commits[].hash"). Of the values there, the one is
    taken whose record has `equals` (a literal or a fact) at `where`; with no `where`, the one at `index`.
    """

    step: str
    path: str
    where: str | None = None
    equals: "Binding | None" = None
    index: int = 0
    kind: Literal["output"] = "output"


@dataclass(frozen=True, slots=True, kw_only=True)
class Computed:
    """A function of other bindings; the functions are named in `values.bindings.FUNCTIONS`."""

    function: str
    inputs: "tuple[Binding, ...]"
    kind: Literal["computed"] = "computed"


Binding: TypeAlias = Annotated[Constant | FromFact | FromOutput | Computed, Discriminator("kind")]


@dataclass(frozen=True, slots=True, kw_only=True)
class Fact:
    """Something the user knows. `label` is how people call it ("branch name")."""

    id: str
    label: str
    value: JsonValue


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One call of the gold solution. Steps with the same `group` are made in one assistant message.

    `expect_error`: the call must fail (the episode is about recovering from it). `says`: what is said beside the
    call where the plan has words of its own for it.
    """

    id: str
    tool: ToolKey
    arguments: Mapping[str, Binding]
    after: tuple[str, ...] = ()
    group: int = 0
    purpose: str = ""
    expect_error: bool = False
    says: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class AnswerFact:
    """A value the final answer of a turn must hold: read from a step's result at `path`, or computed."""

    label: str
    binding: Binding
    value: JsonValue


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """One thing the user asks for, in plain words. `action` may hold `{fact_id}` slots; `details` are
    facts it leaves out and that are said beside it. `refusal` says why it must be turned down, if so. `more` is
    said after it word for word (a specification, examples).
    """

    action: str
    details: tuple[str, ...] = ()
    refusal: str | None = None
    more: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Turn:
    """One request turn of the user and what the assistant must do with it.

    `withheld`: facts the user leaves out until asked. `answer`: what the reply must tell. `report`: the reply where
    the plan has words of its own for it; `<answer n>` in it is the value of the n-th fact of `answer`, from 0.
    """

    kind: Literal["opening", "follow_up", "revision"]
    requests: tuple[Request, ...]
    steps: tuple[Step, ...]
    withheld: tuple[str, ...] = ()
    answer: tuple[AnswerFact, ...] = ()
    report: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Persona:
    """Who the user is and how they write."""

    name: str
    role: str
    style: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Branching:
    """What a condition of the plan asks for: `taken` where a result holds `value`, else `other`."""

    value: str
    taken: ToolKey
    other: ToolKey


@dataclass(frozen=True, slots=True, kw_only=True)
class Blueprint:
    """A plan that has been executed: `effects` and answers were observed, controls passed.

    `code` is there where the plan is a code task's. `bands`: those in which the planner could have stopped as the plan
    grew, by its own reckoning; empty where it did not look.
    """

    id: str
    target: Target
    world: int
    servers: tuple[str, ...]
    persona: Persona
    goal: str
    context: tuple[str, ...]
    facts: tuple[Fact, ...]
    turns: tuple[Turn, ...]
    offered: tuple[ToolKey, ...]
    policy: tuple[str, ...] = ()
    branchings: tuple[Branching, ...] = ()
    effects: StateDiff = ()
    code: CodeWork | None = None
    bands: tuple[int, ...] = ()
    provenance: Mapping[str, JsonValue] = field(default_factory=dict[str, JsonValue])

    def can_stop_in(self, wanted: Sequence[int]) -> bool:
        """Whether it can in one of these bands; true where there are none, or its own are not known."""
        return not wanted or not self.bands or any(band in wanted for band in self.bands)

    @property
    def steps(self) -> tuple[Step, ...]:
        return tuple(step for turn in self.turns for step in turn.steps)

    @property
    def messages(self) -> int:
        """How many messages playing it takes, results aside: every turn's request and answer, a question and its reply
        where something is withheld, and the calls, one by one."""
        return 2 * len(self.turns) + 2 * sum(bool(turn.withheld) for turn in self.turns) + len(self.steps)

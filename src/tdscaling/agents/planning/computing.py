"""Goals that need a computation over a result: tedious by head, and a few lines of code in the sandbox."""

from collections.abc import Sequence

from tdscaling.agents.phrases import action
from tdscaling.agents.planning.draft import Draft
from tdscaling.agents.planning.fill import fill
from tdscaling.agents.planning.goals import Goal, first_that_works, profiles
from tdscaling.agents.planning.looping import looping
from tdscaling.agents.planning.sums import MIN_VALUES, PYTHON, fitting, numbers
from tdscaling.agents.planning.worth import LEAST, rank
from tdscaling.agents.protocols import PlanError
from tdscaling.agents.wording import label
from tdscaling.types import AnswerFact, Computed, Constant, FromOutput, JsonScalar, Request, ToolKey, ToolProfile
from tdscaling.values import leaves, normal

_NOT_AMOUNTS = frozenset("id cid pk notnull index position page row number line offset order version".split())
"""Fields whose values nobody computes with."""
LOOPING = 0.4
"""The share of computations that first try for code which calls the tools by itself."""


async def computational(draft: Draft, tools: Sequence[ToolKey]) -> list[Goal]:
    """A reading call, then code over a list of values in its result; the plan knows the value by itself."""
    if PYTHON not in draft.context.tools:
        raise PlanError("no_interpreter")
    if draft.rng.random() < LOOPING:
        before = draft.checkpoint()
        try:
            return await looping(draft, tools)
        except PlanError:
            draft.restore(before)

    async def attempt(profile: ToolProfile) -> list[Goal]:
        filled = await fill(draft, profile.tool)
        read = await draft.step(profile.tool, filled.arguments)
        path, values = _list(draft, read.id)
        chosen = draft.rng.choice(fitting(values))
        code = Computed(function="code", inputs=(Constant(value=chosen.code), FromOutput(step=read.id, path=path)))
        compute = await draft.step(PYTHON, {"code": code}, purpose="compute")
        if normal(chosen.value(values)) != normal(str(draft.outputs[compute.id])):
            raise PlanError("computed_otherwise", f"{chosen.asked} {path}")
        name = label(path)
        thing = f"{name} values" if name != "value" else "values"
        text = f"{action(draft.context.tools[profile.tool])} and work out {chosen.asked} the {thing} there"
        answer = AnswerFact(label="result", binding=FromOutput(step=compute.id, path=""), value=chosen.value(values))
        return [Goal((Request(action=text, details=filled.told),), (read, compute), (answer,))]

    suited = profiles(draft, tools, effect="read")
    return await first_that_works(draft, [lambda p=p: attempt(p) for p in suited], limit=8)


def _list(draft: Draft, step: str) -> tuple[str, list[JsonScalar]]:
    """A field of the result with enough values of one kind; fields of numbers first."""
    by_path: dict[str, list[JsonScalar]] = {}
    for leaf in leaves(draft.outputs[step], limit=400):
        by_path.setdefault(leaf.path, []).append(leaf.value)
    named = {
        path: values
        for path, values in by_path.items()
        if "[]" in path and not set(label(path).split()) <= _NOT_AMOUNTS
    }
    suited = [
        (path, values) for path, values in sorted(named.items()) if fitting(values) and rank(path, values[0]) < LEAST
    ]
    if not suited:
        raise PlanError("no_list_to_compute_over")
    numeric = [item for item in suited if len(numbers(item[1])) >= MIN_VALUES]
    return draft.rng.choice(numeric or suited)

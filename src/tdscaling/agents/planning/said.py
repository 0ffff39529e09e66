"""What the user of a plan says, and when: a step may count on nothing else."""

import re
from collections.abc import Iterator

from tdscaling.agents.wording import spoken
from tdscaling.types import Blueprint, FromFact, Turn
from tdscaling.values import within

_SLOT = re.compile(r"\{(\w+)\}")


def unsaid(plan: Blueprint) -> str | None:
    """The first fact that a step or an answer counts on before anybody has said it; None where there is none.

    A fact is said by its own turn (asked for, if withheld) or an earlier one, as a detail or in a slot; and where its
    value stands in other words of the user or the system prompt, it is known as well.
    """
    facts = {fact.id: spoken(fact.value) for fact in plan.facts}
    heard = [*plan.context, *plan.policy]
    for turn in plan.turns:
        for fact in _said(turn):
            heard.append(facts.get(fact, ""))
        heard.extend(text for request in turn.requests for text in (request.action, request.more))
        text = "\n".join(heard)
        for fact in _needed(turn):
            if fact not in facts or facts[fact] not in text:
                return fact
    return None


def _said(turn: Turn) -> Iterator[str]:
    yield from turn.withheld
    for request in turn.requests:
        yield from request.details
        yield from _SLOT.findall(f"{request.action} {request.more}")


def _needed(turn: Turn) -> Iterator[str]:
    bound = [binding for step in turn.steps for binding in step.arguments.values()]
    for binding in (*bound, *(fact.binding for fact in turn.answer)):
        yield from (part.fact for part in within(binding) if isinstance(part, FromFact))

"""The user as a language model: knows who it is, what it wants and what it knows; never the plan."""

import re
from collections.abc import Collection, Sequence

from tdscaling.agents.model.monitor import Due, Fault, faults
from tdscaling.agents.model.voice import Voice, told_why
from tdscaling.agents.model.watch import Watch
from tdscaling.agents.protocols import RoleError
from tdscaling.agents.wording import spoken
from tdscaling.llm import Completion, Request, Sampling
from tdscaling.llm.failures import AnswerError
from tdscaling.llm.reading import text
from tdscaling.metrics.modes.questions import asks
from tdscaling.prompts import render
from tdscaling.types import Blueprint, Fact, Message, Turn
from tdscaling.types import Request as Wish

MOST_ANSWERS = 3
"""Questions in a row that the user answers before it goes on with what it wants."""

MOST_TOKENS = 600
_SLOT = re.compile(r"\{(f\d+)\}")
_QUOTES = "\"“”' \n"


class FaultyTurnError(AnswerError):
    """The monitor found a fault in what the user said."""


class ModelUser:
    """Makes the requests of a blueprint one after another in words of its own, and answers what it is asked.

    Every message passes the monitor: its rules, then `watch`, a model, where there is one. A faulty one is asked for
    once more, a second fault ends the episode as the user's. `faults` are all that were found, those mended too;
    `turns` counts the messages that were due.
    """

    def __init__(self, blueprint: Blueprint, voice: Voice, tools: Collection[str], watch: Watch | None = None) -> None:
        self._blueprint = blueprint
        self._facts = {fact.id: fact for fact in blueprint.facts}
        self._voice = voice
        self._tools = tools
        self._watch = watch
        self._next = 0
        self._answers = 0
        self._opened: set[str] = set()
        self.faults: list[Fault] = []
        self.turns = 0

    async def speak(self, messages: Sequence[Message]) -> str | None:
        """An answer where the assistant asks for something, else the next request, else None. Raises RoleError."""
        last = messages[-1].content if messages else ""
        asked = self._next > 0 and messages[-1].role == "assistant" and asks(last)
        if asked and self._answers < MOST_ANSWERS:
            self._answers += 1
            return await self._say(messages, None)
        if self._next >= len(self._blueprint.turns):
            return None
        turn = self._blueprint.turns[self._next]
        self._next += 1
        self._answers = 0
        said = await self._say(messages, turn)
        return said + "".join(wish.more for wish in turn.requests)

    async def _say(self, messages: Sequence[Message], turn: Turn | None) -> str:
        due = self._due(turn)
        self._opened.update(fact.id for fact in (*due.must, *due.must_not))
        wishes = [self._wish(wish, turn.withheld) for wish in turn.requests] if turn else []
        spoken_so_far = (message.content for message in messages if message.role in ("user", "assistant"))
        heard = "\n".join([*spoken_so_far, *wishes])  # what it is told to ask it can know
        prompt = render(
            "user",
            persona=self._blueprint.persona,
            goal=self._filled(self._blueprint.goal, self._facts),
            facts=[(fact.label, spoken(fact.value)) for fact in due.may],
            kept=[fact.label for fact in due.must_not],
            talk=[(one.role, one.content) for one in messages if one.role in ("user", "assistant") and one.content],
            wishes=wishes,
            kind=turn.kind if turn else "answer",
        )
        request = Request(messages=(Message(role="user", content=prompt),), sampling=Sampling(max_tokens=MOST_TOKENS))
        self.turns += 1
        found: list[list[Fault]] = []

        def read(completion: Completion) -> str:
            said = _clean(text(completion))
            wrong = faults(said, due, heard, self._tools)
            if wrong:
                found.append(wrong)
                raise FaultyTurnError("; ".join(fault.detail for fault in wrong))
            return said

        async def watched(said: str) -> Fault | None:
            wrong = await self._watch.fault(said, due, messages) if self._watch is not None else None
            found.extend([[wrong]] if wrong is not None else [])
            return wrong

        try:
            said = await self._voice.ask(request, read)
            mended = bool(found)
            wrong = await watched(said)
            if wrong is not None and not mended:
                said = await self._voice.ask(told_why(request, FaultyTurnError(wrong.detail)), read, attempts=1)
                wrong = await watched(said)
            if wrong is not None:
                raise RoleError("user", wrong.detail)
            return said
        except RoleError as exc:
            kind = found[-1][0].kind if found else "endpoint"
            raise RoleError("user", f"{kind}: {exc}") from None
        finally:
            self.faults.extend(fault for wrong in found for fault in wrong[:1])

    def _due(self, turn: Turn | None) -> Due:
        """Facts of this turn that must be said and must wait, and all that may be said by now."""
        if turn is None:
            return Due(answering=True, must=(), must_not=(), may=self._known(()))
        told = {name for wish in turn.requests for name in (*wish.details, *_SLOT.findall(wish.action))}
        must = [self._facts[name] for name in sorted(told - set(turn.withheld))]
        kept = [self._facts[name] for name in turn.withheld]
        return Due(answering=False, must=must, must_not=kept, may=self._known(tuple(fact.id for fact in must)))

    def _known(self, more: Sequence[str]) -> list[Fact]:
        return [fact for name, fact in self._facts.items() if name in self._opened or name in more]

    def _wish(self, wish: Wish, withheld: Sequence[str]) -> str:
        values = [self._facts[name] for name in wish.details if name not in withheld]
        beside = ", ".join(f"{fact.label}: {spoken(fact.value)}" for fact in values)
        core = self._filled(wish.action, withheld)
        return f"{core} ({beside})" if beside else core

    def _filled(self, action: str, hidden: Collection[str]) -> str:
        """The words of a request with the values in their places; of a hidden one its label."""

        def filled(match: re.Match[str]) -> str:
            fact = self._facts[match[1]]
            return f"some {fact.label}" if fact.id in hidden else spoken(fact.value)

        return _SLOT.sub(filled, action)


def _clean(said: str) -> str:
    """What was said, without a speaker's name in front and quotes around it.

    >>> _clean('User: "Show me the orders."'), _clean('Open "a.txt"')
    ('Show me the orders.', 'Open "a.txt"')
    """
    said = re.sub(r"^\s*(?:user|customer|me)\s*:\s*", "", said, flags=re.IGNORECASE)
    if len(said) > 1 and said[0] in _QUOTES and said[-1] in _QUOTES and said.count(said[0]) <= 2:
        return said.strip(_QUOTES)
    return said.strip()

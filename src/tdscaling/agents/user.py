"""The procedural user: follows the plan's turns, in words of its own, and never names a tool."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from random import Random

from tdscaling.agents.plurals import plural
from tdscaling.agents.reasons import reason
from tdscaling.agents.wording import capital, detail, enumeration, quoted, sentence, vary
from tdscaling.types import Blueprint, Fact, Message, Request, Turn

_SLOT = re.compile(r"\{(f\d+)\}")
_OPENINGS: Mapping[str, tuple[str, ...]] = {
    "brief": ("", "", "Hi. ", "Task: ", "Next up: "),
    "polite": ("Hello! ", "Good morning. ", "Hi there, ", "", "I hope you're well. ", "Sorry to bother you. "),
    "chatty": (
        "Hey, quick one. ",
        "Hi! Busy day here. ",
        "Hello again, me with another thing. ",
        "Hey there! ",
        "Right, coffee's ready, let's go. ",
        "Me again! ",
        "You won't believe my morning. ",
    ),
    "formal": ("Good day. ", "Dear assistant, ", "", "Good afternoon. ", "To whom it may concern: ", "Good evening. "),
    "hurried": ("Quick: ", "In a rush here. ", "", "No time to lose: ", "Between two meetings. ", "Fast one: "),
    "plain": ("", "Hi, ", "Hello, ", "Morning. ", "One question. ", "I have a small task. "),
    "learner": ("Hello, ", "Good day. ", "Hi, sorry for my English. ", "Excuse me, ", ""),
}
_FRAMES: Mapping[str, tuple[str, ...]] = {
    "brief": ("{}.", "please {}.", "{}, please.", "need you to {}.", "{}. Thanks."),
    "learner": ("I need that you {}.", "is it possible to {}?", "please, can you help me to {}?",
                "I want you to {}, is okay?", "you can {} for me?", "it would be very nice to {}."),
    "polite": ("could you please {}?", "would you mind helping me? I'd like you to {}.",
               "I'd be grateful if you could {}.", "may I ask you to {}?"),
    "chatty": ("so I was wondering, can you {}?", "I need a hand: can you {}?", "any chance you could {}?",
               "can you help me and {}?", "mind if I ask you to {}?", "you know what would be great? If you could {}.",
               "do me a favour and {}.", "let's see whether you can {}."),
    "formal": ("I would like you to {}.", "kindly {}.", "I require you to {}.", "please {}.",
               "it is requested that you {}.", "you are asked to {}.", "I should be obliged if you would {}."),
    "hurried": ("{} right away.", "I need you to {}, now if possible.", "{}, fast please.", "can you {} quickly?",
                "just {}.", "{}, and please don't take long.", "I've no time: {}."),
    "plain": ("I want you to {}.", "please {}.", "can you {}?", "I need you to {}.", "would you {}?", "could you {}?",
              "I'd like you to {}.", "I'd need you to {}."),
}  # fmt: skip
_INLINE = ("with {}", "using {}", "({})")
_EACH = ("for each of these {names}: {values}", "for the {names} {values}, one by one",
         "once for each {name}: {values}", "for each of the {names} {values}")  # fmt: skip
_NEXT = ("Also, ", "Then ", "And ", "Next, ", "After that, ", "One more thing: ")
_LATER = ("Thanks. Now ", "Great. Next, ", "Good. ", "Okay, one more: ", "Got it. Then ", "Perfect, thank you. Now ",
          "All right. ", "Okay. ", "Next: ", "Fine. ", "Now ", "That helps. ", "And now ",
          "On to the next thing: ")  # fmt: skip
_NEVER_MIND = ("Too bad. Then ", "Okay, never mind that. ", "Understood. Next, ", "Pity. Something else: ")
"""What comes after a refusal."""
STARTS = (*_LATER, *_NEVER_MIND)
"""What messages after the first begin with."""
_CHANGES = (
    "Wait, {}.",
    "Sorry, I changed my mind: {}.",
    "Hm, actually, {}.",
    "My mistake, please {}.",
    "Could you redo that? Please {}.",
)
_CALLS_FOR_ATTENTION = ("so I ", "I need a hand", "you know what", "would you mind", "mind if I", "I've no time",
                        "let's see", "do me a favour", "any chance")  # fmt: skip
"""How frames begin that stand at the start of a sentence of their own."""
_THANKS = " Thanks."
_REVEALS = ("Sorry, I forgot: {}.", "{}.", "Right, {}.", "Of course: {}.", "Ah yes, {}.")


class ProceduralUser:
    """Speaks each turn of a blueprint once, and the withheld facts when the assistant has asked."""

    def __init__(self, blueprint: Blueprint, rng: Random) -> None:
        self._turns = blueprint.turns
        self._facts = {fact.id: fact for fact in blueprint.facts}
        self._style = blueprint.persona.style if blueprint.persona.style in _FRAMES else "plain"
        self._rng = rng
        self._next = 0
        self._withheld: tuple[str, ...] = ()
        self._used: list[str] = []
        self._begun: list[str] = []

    async def speak(self, messages: Sequence[Message]) -> str | None:
        """What was withheld, else the next turn, else None."""
        if self._withheld:
            facts, self._withheld = self._withheld, ()
            return self._reveal(facts)
        if self._next >= len(self._turns):
            return None
        turn = self._turns[self._next]
        self._next += 1
        self._withheld = turn.withheld
        return self._turn(turn)

    def _turn(self, turn: Turn) -> str:
        if turn.kind == "revision":
            return sentence(self._rng.choice(_CHANGES).format(self._filled(turn.requests[0].action)))
        earlier = self._turns[: self._next - 1]
        refused = bool(earlier) and any(request.refusal for request in earlier[-1].requests)
        later = _NEVER_MIND if refused else _LATER
        start = self._other_than_before(_OPENINGS[self._style] if turn.kind == "opening" else later)
        leads = [start] + [self._other_than_before(_NEXT) for _ in turn.requests]
        requests = together(turn.requests, self._facts, turn.withheld)
        parts = [
            self._request(request, lead, turn.withheld, merged=request not in turn.requests)
            for request, lead in zip(requests, leads, strict=False)
        ]
        why = reason(self._style, self._rng) if turn.kind == "opening" else ""
        text = start + (capital(parts[0]) if _ends_a_sentence(start) else parts[0])
        for request, part, lead in zip(requests[1:], parts[1:], leads[1:], strict=False):
            text = f"{text} {capital(part) if _is_branch(request) else lead + part}"
        return capital(f"{text} {why}".rstrip())

    def _other_than_before(self, options: Sequence[str]) -> str:
        """One of the words that a message or a request begins with, none of the last ones where there are others."""
        fresh = [option for option in options if option not in self._begun] or options
        chosen = self._rng.choice(fresh)
        self._begun = [*self._begun, chosen][-3:]
        return chosen

    def _request(self, request: Request, lead: str, withheld: Sequence[str], merged: bool) -> str:
        core = self._filled(request.action if _is_branch(request) else vary(request.action, self._rng))
        told = [self._facts[name] for name in request.details if name not in withheld]
        inline, after = self._each(told) if merged else self._details(told)
        core = f"{core} {inline}" if inline else core
        frame = "{}." if _is_branch(request) else self._frame(_ends_a_sentence(lead))
        thanks = _THANKS if after and frame.endswith(_THANKS) else ""
        text = frame.removesuffix(thanks).format(core)
        text = f"{text} {after}" if after else text
        return f"{text}{request.more}{thanks}"

    def _frame(self, alone: bool) -> str:
        """A frame of the user's style that was not the last one; now and then a plain one. Where it is not `alone` in
        its sentence, none that calls for attention first."""
        frames = [*_FRAMES[self._style], *_FRAMES["plain"]]
        frames = [frame for frame in frames if alone or not frame.startswith(_CALLS_FOR_ATTENTION)]
        fresh = [frame for frame in frames if frame not in self._used] or frames
        frame = self._rng.choice(fresh)
        self._used = [*self._used, frame][-4:]
        return frame

    def _details(self, told: Sequence[Fact]) -> tuple[str, str]:
        """The facts as part of the sentence, or as a sentence of their own."""
        if not told:
            return "", ""
        if self._rng.random() < 0.55:
            pairs = [f"{fact.label} {quoted(fact.value, self._rng)}" for fact in told]
            return self._rng.choice(_INLINE).format(enumeration(pairs)), ""
        return "", " ".join(sentence(detail(fact.label, fact.value, self._rng)) for fact in told)

    def _each(self, told: Sequence[Fact]) -> tuple[str, str]:
        """The values of the one label that several facts have, for each of which the request is made; the others."""
        labels = [fact.label for fact in told]
        name = max(labels, key=labels.count)
        values = enumeration([quoted(fact.value, self._rng) for fact in told if fact.label == name])
        others = [sentence(detail(fact.label, fact.value, self._rng)) for fact in told if fact.label != name]
        return self._rng.choice(_EACH).format(name=name, names=plural(name), values=values), " ".join(others)

    def _filled(self, text: str) -> str:
        return _SLOT.sub(lambda match: quoted(self._facts[match[1]].value, self._rng), text)

    def _reveal(self, facts: Sequence[str]) -> str:
        pairs = [
            self._rng.choice((f"the {self._facts[name].label} is {quoted(self._facts[name].value, self._rng)}",
                              quoted(self._facts[name].value, self._rng)))
            for name in facts
        ]  # fmt: skip
        text = self._rng.choice(_REVEALS).format(enumeration(pairs))
        return text if text.startswith(enumeration(pairs)) and not pairs[0].startswith("the ") else capital(text)


def together(requests: Sequence[Request], facts: Mapping[str, Fact], withheld: Sequence[str]) -> list[Request]:
    """Neighbours that ask for the same with one value each that differs become one request for all these values."""
    found: list[Request] = []
    for request in requests:
        last = found[-1] if found else None
        if last is not None and _mergeable(last, request, facts, withheld):
            details = tuple(dict.fromkeys((*last.details, *request.details)))
            found[-1] = replace(last, details=details)
        else:
            found.append(request)
    return found


def _mergeable(one: Request, two: Request, facts: Mapping[str, Fact], withheld: Sequence[str]) -> bool:
    if one.action != two.action or _SLOT.search(one.action) or "," in one.action:
        return False
    if one.refusal or two.refusal or one.more or two.more or {*one.details, *two.details} & {*withheld}:
        return False
    new = [name for name in two.details if name not in one.details]
    old = [name for name in one.details if name not in two.details]
    return len(new) == 1 and {facts[name].label for name in (*old, *new)} == {facts[new[0]].label} and bool(old)


def _ends_a_sentence(lead: str) -> bool:
    """Whether a new sentence begins after these words."""
    return not lead.strip() or lead.rstrip().endswith((".", "!", "?"))


def _is_branch(request: Request) -> bool:
    """Whether a request is one arm of a condition: it follows the look without a frame of its own."""
    return request.action.startswith(("if ", "otherwise "))

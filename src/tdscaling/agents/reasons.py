"""Why somebody asks: a sentence or a clause of context that a request may come with."""

from collections.abc import Mapping
from random import Random

from tdscaling.agents.wording import capital

_SHARE: Mapping[str, float] = {
    "brief": 0.15, "polite": 0.55, "chatty": 0.8, "formal": 0.55, "hurried": 0.5, "plain": 0.4, "learner": 0.5,
}  # fmt: skip
"""By style: how often a reason is given."""
_WORK = (
    "the quarterly review", "a handover", "a client call", "the month-end report", "an audit", "the team meeting",
    "a status mail", "the planning round", "a training session", "the weekly summary", "a presentation",
    "the budget talk", "a supplier visit", "the staff briefing", "a clean-up", "the yearly report",
)  # fmt: skip
_WHEN = (
    "tomorrow", "this afternoon", "on Monday", "later today", "next week", "after lunch", "before the weekend",
    "tonight",
)  # fmt: skip
_FORMS: Mapping[str, tuple[str, ...]] = {
    "brief": ("For {work}.", "{Work} {when}."),
    "polite": ("I'm getting ready for {work} {when}.", "We have {work} {when} and I'd like to be prepared.",
               "A colleague needs this for {work}."),
    "chatty": ("We've got {work} {when} and I'm nowhere near ready.", "My desk is a mess because of {work}.",
               "So {work} is {when}, and guess who has to prepare it.", "Long story, but it's all about {work}."),
    "formal": ("This is needed for {work} {when}.", "It concerns {work}.", "The matter belongs to {work} {when}."),
    "hurried": ("{Work} {when}!", "I'm late for {work}.", "It's for {work}, {when}."),
    "plain": ("It's for {work} {when}.", "I'm working on {work}.", "I need this before {work}."),
    "learner": ("I make preparation for {work}.", "{When} we have {work}.", "It is because of {work}, {when}."),
}  # fmt: skip


def reason(style: str, rng: Random) -> str:
    """A sentence on what a request is for, or nothing, by how the style goes about it.

    >>> reason("formal", Random(1))
    'This is needed for a client call next week.'
    """
    if rng.random() >= _SHARE.get(style, 0.4):
        return ""
    work, when = rng.choice(_WORK), rng.choice(_WHEN)
    form = rng.choice(_FORMS.get(style, _FORMS["plain"]))
    return form.format(work=work, when=when, Work=capital(work), When=capital(when))

"""Next-action accuracy: what a model would do at each point of a held-out dialogue, all before it being as it was.

An action counts as right when every one of its tokens is the most likely one, that is, when greedy decoding would
write it exactly so: one pass over a dialogue judges all its actions.
"""

import math
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from tdscaling.scaling.chat import CALL, Written, written
from tdscaling.scaling.encoding import Encoded, encoded
from tdscaling.scaling.extra import package
from tdscaling.scaling.heldout import Split
from tdscaling.scaling.pool import Sample

ABSTAINING = "abstaining"


@dataclass(frozen=True, slots=True, kw_only=True)
class Score:
    """A held-out dialogue: its calls, those of the right tool and those right in every argument; its answers, and those
    where no call is made; the same of answers in a dialogue whose request must be turned down. `loss` is the mean
    negative log-likelihood of its `tokens` that would be trained on."""

    id: str
    group: str
    calls: int
    names: int
    exact: int
    answers: int
    answered: int
    refusals: int
    refused: int
    tokens: int
    loss: float


def groups(held: Split) -> Sequence[tuple[str, Sequence[Sample]]]:
    return (("unseen", held.unseen), ("seen", held.seen), ("code", held.code))


def scored(model: Any, tokenizer: Any, held: Split) -> list[Score]:
    """Every held-out dialogue, in order."""
    model.eval()
    return [score(model, tokenizer, one, group) for group, samples in groups(held) for one in samples]


def score(model: Any, tokenizer: Any, sample: Sample, group: str) -> Score:
    text = written(sample.dialogue)
    found = encoded(tokenizer, text)
    likely, losses = _run(model, found)
    opening = tokenizer(CALL, add_special_tokens=False)["input_ids"][0]
    return judged(sample, group, text, found, Likely(likely, losses, opening))


@dataclass(frozen=True, slots=True)
class Likely:
    """By token: the most likely one in its place, and the negative log-likelihood of the one that is there; `opening`
    begins a call."""

    tokens: Sequence[int]
    losses: Sequence[float]
    opening: int


def judged(sample: Sample, group: str, text: Written, found: Encoded, likely: Likely) -> Score:
    """The score from what was most likely: no model is needed here."""

    def right(places: Iterable[int]) -> bool:
        return all(likely.tokens[place] == found.ids[place] for place in places)

    calls = [one for one in text.actions if one.kind == "call"]
    answers = [found.within(one.whole) for one in text.actions if one.kind == "answer"]
    answered = sum(likely.tokens[places[0]] != likely.opening and right(places[-1:]) for places in answers)
    turned_down = sample.where.primary_mode == ABSTAINING
    trained = [place for span in text.trained for place in found.within(span)]
    return Score(
        id=sample.id,
        group=group,
        calls=len(calls),
        names=sum(right(found.within(one.decided)) for one in calls),
        exact=sum(right(found.within(one.whole)) for one in calls),
        answers=len(answers),
        answered=answered,
        refusals=len(answers) if turned_down else 0,
        refused=answered if turned_down else 0,
        tokens=len(trained),
        loss=math.fsum(likely.losses[place] for place in trained) / max(1, len(trained)),
    )


def as_row(one: Score) -> dict[str, str | int | float]:
    return asdict(one)


def _run(model: Any, found: Encoded) -> tuple[list[int], list[float]]:
    """By token, from one forward pass; nothing comes before the first."""
    torch = package("torch")
    ids = torch.tensor([found.ids], device=model.device)
    with torch.no_grad(), torch.autocast(model.device.type, torch.bfloat16):
        logits = model(input_ids=ids, use_cache=False).logits[0, :-1].float()
    losses = torch.nn.functional.cross_entropy(logits, ids[0, 1:], reduction="none")
    return [-1, *logits.argmax(-1).tolist()], [0.0, *losses.tolist()]

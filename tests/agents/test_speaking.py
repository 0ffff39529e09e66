"""What the procedural user and assistant say reads as people write it, whatever is drawn."""

from itertools import pairwise
from random import Random

import pytest

from tdscaling.agents import ProceduralUser
from tdscaling.agents.planning.worth import worth_telling
from tdscaling.agents.telling import Field, Finding, tell
from tdscaling.agents.user import STARTS
from tdscaling.agents.wording import detail, label, quoted, vary
from tdscaling.types import Blueprint, Fact, Persona, Request, Target, Turn

SEEDS = range(40)
STYLES = ("brief", "polite", "chatty", "formal", "hurried", "plain", "learner")


def plan(style: str, requests: int, turns: int) -> Blueprint:
    """The same request in every place, with a detail."""
    asked = Request(action="look up the order", details=("f1",))
    place = Request(action="delete the card", details=("f2",))
    return Blueprint(
        id="b",
        target=Target(cluster="c", domain="d", mode="direct", band=1, seed=1),
        world=0,
        servers=("shop",),
        persona=Persona(name="Ann", role="analyst", style=style),
        goal="orders",
        context=(),
        facts=(Fact(id="f1", label="id", value=1005), Fact(id="f2", label="q", value="blue cards")),
        turns=tuple(
            Turn(kind="follow_up" if number else "opening", requests=((asked, place) * requests)[:requests], steps=())
            for number in range(turns)
        ),
        offered=(),
    )


async def spoken(style: str, seed: int, requests: int = 1, turns: int = 8) -> list[str]:
    user, said = ProceduralUser(plan(style, requests, turns), Random(seed)), list[str]()
    while (text := await user.speak([])) is not None:
        said.append(text)
    return said


def begun(text: str) -> str:
    return max((start for start in STARTS if text.startswith(start)), key=len, default="")


@pytest.mark.requirement("agents.varied")
@pytest.mark.parametrize("style", STYLES)
async def test_no_two_messages_in_a_row_begin_alike(style: str) -> None:
    for seed in SEEDS:
        starts = [begun(text) for text in (await spoken(style, seed))[1:]]
        assert all(starts)
        assert all(one != two for one, two in pairwise(starts)), starts


@pytest.mark.requirement("agents.wording")
@pytest.mark.parametrize("style", STYLES)
async def test_who_joins_a_request_to_another_does_not_call_for_attention_first(style: str) -> None:
    for seed in SEEDS:
        for text in await spoken(style, seed, requests=3):
            for lead in ("Also, ", "Then ", "And ", "Next, ", "After that, ", "One more thing: ", "Now "):
                for call in ("so I was", "I need a hand", "you know what", "would you mind", "I've no time"):
                    assert f"{lead}{call}" not in text


@pytest.mark.requirement("agents.wording")
async def test_thanks_come_when_all_is_said() -> None:
    seen = 0
    for seed in SEEDS:
        for text in await spoken("brief", seed):
            if "Thanks." in text and not text.startswith("Thanks."):
                seen += 1
                assert text.endswith("Thanks.") or "1005" not in text.rpartition("Thanks.")[2]
    assert seen > 10


@pytest.mark.requirement("agents.wording")
def test_a_detail_is_a_sentence_that_says_what_is_to_be_used() -> None:
    said = {detail("id", "ord-1", Random(seed)).replace('"', "") for seed in SEEDS}
    assert said == {
        "id: ord-1", "the id is ord-1", "use ord-1 as the id", "please use ord-1 as the id", "for the id, use ord-1"
    }  # fmt: skip


@pytest.mark.requirement("agents.wording")
def test_a_number_is_not_said_as_a_text() -> None:
    assert {quoted(value, Random(seed)) for seed in SEEDS for value in (25000, 1.5)} == {"25000", "1.5"}
    assert {quoted("25000", Random(seed)) for seed in SEEDS} == {"25000", '"25000"'}


@pytest.mark.requirement("agents.wording")
def test_a_verb_in_other_words_goes_with_what_follows_it() -> None:
    assert {vary("add an item to the queue", Random(seed)) for seed in SEEDS} == {"add an item to the queue"}
    assert "put in an item" in {vary("add an item", Random(seed)) for seed in SEEDS}
    assert {vary("write a file", Random(seed)) for seed in SEEDS} == {"write a file"}
    assert label("q") == "query"


@pytest.mark.requirement("agents.telling")
def test_what_only_leads_to_other_pages_is_not_told() -> None:
    page = {"links": {"first": {"href": "https://x.org/1", "type": "json"}}, "total": 0, "status": "open"}
    for seed in SEEDS:
        assert {one.path for one in worth_telling(page, set(), 3, Random(seed))} <= {"total", "status"}


@pytest.mark.requirement("agents.telling")
def test_a_value_is_told_after_its_name() -> None:
    fields = (Field("kind", ("open",), 1), Field("role", ("owner",), 1))
    said = {tell([Finding("rule", "", fields)], Random(seed)) for seed in SEEDS}
    assert all(text.index("kind") < text.index("open") < text.index("role") < text.index("owner") for text in said)

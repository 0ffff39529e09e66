"""An endpoint that answers nothing, and a request that alone can't be answered."""

import asyncio
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from tests.llm.asking import FakeTime, ask, model
from tests.llm.fake_endpoint import KINDS, Body, FakeEndpoint, echo

from tdscaling.errors import ProviderError
from tdscaling.llm.answers import Answers
from tdscaling.llm.breaker import FAILURES
from tdscaling.llm.failures import DownError, EmptyChoicesError, OverloadedError


def silent_to_poison(body: Body) -> Body:
    """Nothing is in its answer where the last message is `poison`."""
    return {"content": ""} if body["messages"][-1]["content"] == "poison" else echo(body)


@pytest.mark.requirement("llm.outage")
@pytest.mark.parametrize("settings", [{"retries": 0}, {"retries": 6}, {"retries": 40, "deadline": 10**6}])
@pytest.mark.parametrize("kind", ["500", "cut", "garbage", "html", "empty", "429"])
async def test_an_endpoint_that_answers_nothing_is_down_in_whatever_way_it_fails(
    kind: str, settings: Mapping[str, Any]
) -> None:
    assert kind in KINDS
    endpoint = FakeEndpoint(script=[kind] * 2000, retry_after="30")
    how = {**settings, **({"deadline": 300.0} if kind == "429" else {})}
    async with model(endpoint, concurrency=2, **how) as asked:
        ended = await asyncio.gather(*(asked.complete(ask(f"{n}")) for n in range(6)), return_exceptions=True)
        assert [type(one) for one in ended] == [DownError] * 6
        endpoint.script.clear()
    assert all("models.tiny is down (http://127.0.0.1" in str(one) for one in ended)


@pytest.mark.requirement("llm.outage", "llm.breaker")
@pytest.mark.parametrize("kind", ["500", "garbage", "html", "empty"])
async def test_failures_in_a_row_of_whatever_kind_open_the_breaker_and_it_is_not_asked_any_more(kind: str) -> None:
    endpoint = FakeEndpoint(script=[kind] * 2000)
    async with model(endpoint, retries=100, deadline=10**6) as asked:
        with pytest.raises(DownError):
            await asked.complete(ask())
        seen = len(endpoint.bodies)
        assert seen < 20
        with pytest.raises(DownError):
            await asked.complete(ask("another"))
        assert len(endpoint.bodies) == seen


@pytest.mark.requirement("llm.outage", "llm.retry_after")
async def test_429s_that_are_waited_out_do_not_open_the_breaker() -> None:
    time = FakeTime()
    endpoint = FakeEndpoint(script=["429"] * 60, retry_after="3")
    async with model(endpoint, time=time, retries=0, deadline=10**6) as asked:
        found = await asyncio.gather(*(asked.complete(ask(f"{n}")) for n in range(4)))
    assert [one.content for one in found] == [f"You said: {n}" for n in range(4)]


@pytest.mark.requirement("llm.outage")
async def test_a_request_that_alone_has_no_answer_fails_with_its_own_error_and_the_others_go_on(tmp_path: Path) -> None:
    endpoint = FakeEndpoint(reply=silent_to_poison)
    async with model(endpoint, folder=tmp_path, concurrency=1) as asked:
        await asked.complete(ask("before"))
        for _ in range(3):  # also when the run is called again, and asks for it before anything else
            with pytest.raises(EmptyChoicesError):
                await asked.complete(ask("poison"))
        assert (await asked.complete(ask("after"))).content
        spent = asked.budget.spent
        assert spent.tokens > 0
    kept = Answers.read(tmp_path)
    assert sum(paid.usage.tokens for paid in kept.paid()) == spent.tokens, "the short question is paid for, and kept"


@pytest.mark.requirement("llm.outage", "llm.breaker")
async def test_a_request_that_alone_has_no_answer_ends_nothing_else_however_often_it_is_tried() -> None:
    endpoint = FakeEndpoint(reply=silent_to_poison)
    async with model(endpoint, concurrency=2, retries=100, deadline=10**6) as asked:
        for _ in range(2):
            with pytest.raises(EmptyChoicesError):
                await asked.complete(ask("poison"))
        poisoned, other = await asyncio.gather(
            asked.complete(ask("poison")), asked.complete(ask("other")), return_exceptions=True
        )
        assert isinstance(poisoned, EmptyChoicesError)
        assert not isinstance(other, BaseException)
        assert (await asked.complete(ask("after"))).content
    assert max(endpoint.attempts.values()) < 60, "it is given up before its attempts are used up"


@pytest.mark.requirement("llm.outage", "llm.breaker")
async def test_several_requests_without_an_answer_end_nothing_else_either() -> None:
    endpoint = FakeEndpoint(reply=lambda body: {"content": ""} if "poison" in str(body["messages"]) else echo(body))
    async with model(endpoint, concurrency=4, retries=100, deadline=10**6) as asked:
        asking = [asked.complete(ask(f"poison {n}")) for n in range(6)]
        assert {type(one) for one in await asyncio.gather(*asking, return_exceptions=True)} == {EmptyChoicesError}
        assert (await asked.complete(ask("after"))).content


@pytest.mark.requirement("llm.outage")
async def test_a_question_that_fails_while_others_are_answered_ends_nothing() -> None:
    endpoint, questioned, gate = FakeEndpoint(script=["500", "500"]), asyncio.Event(), asyncio.Event()

    def arrived(count: int) -> None:
        endpoint.gate = gate if count == 2 else None
        if count == 2:
            questioned.set()

    endpoint.on_arrival = arrived
    async with model(endpoint, retries=0, concurrency=2) as asked:
        lost = asyncio.create_task(asked.complete(ask("lost")))
        await questioned.wait()
        await asked.complete(ask("other"))
        gate.set()
        with pytest.raises(OverloadedError):
            await lost


@pytest.mark.requirement("llm.outage")
async def test_an_endpoint_that_does_not_accept_the_short_question_lives() -> None:
    endpoint = FakeEndpoint(script=["500"])
    endpoint.on_arrival = lambda _: setattr(endpoint, "error", _refusal(endpoint))
    async with model(endpoint, retries=0) as asked:
        with pytest.raises(ProviderError) as caught:
            await asked.complete(ask())
    assert type(caught.value) is OverloadedError


def _refusal(endpoint: FakeEndpoint) -> tuple[int, Body] | None:
    return (400, {"error": {"message": "too short"}}) if len(endpoint.arrivals) > 1 else None


@pytest.mark.requirement("llm.outage")
async def test_an_endpoint_that_never_answered_is_said_to_be_waited_for_at_once_and_said_once() -> None:
    told: list[str] = []
    async with model(FakeEndpoint(script=["500"] * 2000), notice=told.append) as asked:
        with pytest.raises(DownError):
            await asked.complete(ask())
    [line] = told
    assert line.startswith("models.tiny does not answer (http://127.0.0.1")
    assert line.endswith("waiting for it, some minutes at most")


@pytest.mark.requirement("llm.outage")
@pytest.mark.parametrize(("failures", "lines"), [(FAILURES - 1, 0), (FAILURES, 2)])
async def test_one_that_answered_before_is_waited_for_in_silence_until_the_breaker_opens(
    failures: int, lines: int
) -> None:
    told: list[str] = []
    endpoint = FakeEndpoint()
    async with model(endpoint, notice=told.append, retries=20, deadline=10**6) as asked:
        await asked.complete(ask("before"))
        endpoint.script[:] = ["500"] * failures
        await asked.complete(ask("after"))
    assert len(told) == lines
    assert told[1:] == ["models.tiny answers"][: lines // 2]

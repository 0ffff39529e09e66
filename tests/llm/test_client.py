"""The client against an endpoint that fails in every way."""

import asyncio
from pathlib import Path

import pytest
from tests.llm.asking import TOOL, FakeTime, ask, cancelled, model
from tests.llm.fake_endpoint import Body, FakeEndpoint, serving

from tdscaling.errors import ProviderError
from tdscaling.llm import Request, Sampling
from tdscaling.llm.failures import (
    AuthError,
    BadRequestError,
    ContextOverflowError,
    DownError,
    EmptyChoicesError,
    MalformedError,
    NotFoundError,
    OverloadedError,
    RateLimitedError,
    TimedOutError,
    UnreachableError,
)
from tdscaling.llm.rates import Rates
from tdscaling.llm.reading import calls
from tdscaling.types import Message, ToolCall


def thinker(body: Body) -> Body:
    call = {"id": "c9", "type": "function", "function": {"name": "add", "arguments": '{"a": 41}'}}
    return {"role": "assistant", "content": "Let me add.", "reasoning_content": "It adds.", "tool_calls": [call]}


@pytest.mark.requirement("llm.wire", "llm.thoughts")
@pytest.mark.parametrize("stream", [False, True])
async def test_an_answer_reads_the_same_whole_and_streamed(stream: bool) -> None:
    endpoint = FakeEndpoint(reply=thinker)
    async with model(endpoint, stream=stream) as asked:
        found = await asked.complete(ask(tools=(TOOL,)))
    assert (found.content, found.reasoning, found.finish) == ("Let me add.", "It adds.", "tool_calls")
    assert calls(found, (TOOL,)) == (ToolCall(id="c9", name="add", arguments={"a": 41}),)
    assert found.usage.prompt_tokens > 0
    assert found.usage.completion_tokens > 0


@pytest.mark.requirement("llm.wire")
async def test_a_request_is_written_in_openai_form() -> None:
    endpoint = FakeEndpoint()
    spoken = (
        Message(role="system", content="Rules"),
        Message(role="user", content="Add"),
        Message(role="assistant", tool_calls=(ToolCall(id="c1", name="add", arguments={"a": 1}),), reasoning="secret"),
        Message(role="tool", content="1", tool_call_id="c1", name="add"),
    )
    request = Request(messages=spoken, tools=(TOOL,), tool_choice="required", schema={"type": "object"})
    async with model(endpoint, extra={"max_tokens": None, "top_k": 3}, temperature=0.5) as asked:
        await asked.complete(request)
    [body] = endpoint.bodies
    assert [one["role"] for one in body["messages"]] == ["system", "user", "assistant", "tool"]
    assert body["messages"][2] == {
        "role": "assistant",
        "content": None,
        "tool_calls": [{"id": "c1", "type": "function", "function": {"name": "add", "arguments": '{"a": 1}'}}],
    }
    assert body["messages"][3] == {"role": "tool", "tool_call_id": "c1", "content": "1"}
    assert body["tools"][0]["function"]["name"] == "add"
    assert (body["tool_choice"], body["temperature"], body["top_k"]) == ("required", 0.5, 3)
    assert body["response_format"]["json_schema"]["schema"] == {"type": "object"}
    assert "max_tokens" not in body, "a null in `extra` leaves a field out"


@pytest.mark.requirement("llm.thoughts")
@pytest.mark.parametrize(
    "content", ["<think>Hm.</think>\n\nYes.", "Hm.\n</think>\nYes.", "<thinking>Hm.</thinking>Yes."]
)
async def test_thoughts_in_tags_are_no_part_of_the_answer(content: str) -> None:
    async with model(FakeEndpoint(reply=lambda _: {"content": content})) as asked:
        found = await asked.complete(ask())
    assert (found.reasoning, found.content.strip()) == ("Hm.", "Yes.")


@pytest.mark.requirement("llm.wire")
@pytest.mark.parametrize(("asked_for", "sent"), [(None, 300), (40, 40), (9000, 300)])
async def test_no_answer_may_be_longer_than_the_settings_allow(asked_for: int | None, sent: int) -> None:
    endpoint = FakeEndpoint()
    async with model(endpoint, max_tokens=300) as asked:
        await asked.complete(Request(messages=ask().messages, sampling=Sampling(max_tokens=asked_for)))
    assert endpoint.bodies[0]["max_tokens"] == sent


@pytest.mark.requirement("llm.named")
@pytest.mark.parametrize(
    ("status", "said", "error"),
    [
        (401, "Incorrect key", AuthError),
        (403, "no access", AuthError),
        (402, "Payment required", AuthError),
        (404, "model not found", NotFoundError),
        (307, "", NotFoundError),
        (400, "This model's maximum context length is 4096 tokens", ContextOverflowError),
        (413, "the request exceeds the available context size", ContextOverflowError),
        (400, "response_format is not supported", BadRequestError),
        (422, "top_k: bad", BadRequestError),
        (429, "slow down", DownError),
        (429, "You exceeded your current quota", AuthError),
        (500, "internal", DownError),
        (529, "overloaded", DownError),
    ],
)
async def test_each_status_is_a_named_error(status: int, said: str, error: type[ProviderError]) -> None:
    endpoint = FakeEndpoint(error=(status, {"error": {"message": said}}))
    async with model(endpoint, retries=0, deadline=0.001) as asked:
        with pytest.raises(error) as caught:
            await asked.complete(ask())
    assert type(caught.value) is error
    assert said in str(caught.value)
    assert "\n" not in str(caught.value)


@pytest.mark.requirement("llm.named")
@pytest.mark.parametrize(
    ("kind", "stream", "error"),
    [
        ("garbage", False, MalformedError),
        ("html", False, MalformedError),
        ("empty", False, EmptyChoicesError),
        ("cut", False, UnreachableError),
        ("cut stream", True, UnreachableError),
        ("stall", False, TimedOutError),
        ("stall", True, TimedOutError),
    ],
)
async def test_each_broken_answer_is_a_named_error(kind: str, stream: bool, error: type[ProviderError]) -> None:
    async with model(FakeEndpoint(script=[kind]), retries=0, timeout=0.15, stream=stream) as asked:
        with pytest.raises(error) as caught:
            await asked.complete(ask())
    assert type(caught.value) is error


@pytest.mark.requirement("llm.named")
async def test_an_address_where_nobody_listens_is_unreachable() -> None:
    async with serving(FakeEndpoint()) as url:
        gone = url
    async with model(FakeEndpoint(), retries=1, base_url=gone) as asked:
        with pytest.raises(DownError, match=rf"models\.tiny is down \({gone}: no connection: .*same command again"):
            await asked.complete(ask())


@pytest.mark.requirement("llm.retries")
async def test_failures_that_may_pass_are_tried_again_with_waits_that_double() -> None:
    time = FakeTime()
    endpoint = FakeEndpoint(script=["500", "cut", "garbage", "empty"])
    async with model(endpoint, time=time) as asked:
        found = await asked.complete(ask("there"))
    assert found.content == "You said: there"
    assert len(time.slept) == 4
    for wait, middle in zip(time.slept, (0.5, 1.0, 2.0, 4.0), strict=True):
        assert middle * 0.5 <= wait <= middle * 1.5


@pytest.mark.requirement("llm.retries")
async def test_after_its_retries_or_its_deadline_a_request_fails_with_the_last_error() -> None:
    endpoint = FakeEndpoint(script=["500"] * 4)
    async with model(endpoint, retries=3) as asked:
        with pytest.raises(OverloadedError):
            await asked.complete(ask())
    assert [*endpoint.attempts.values()] == [4, 1], "and a short question shows that the endpoint lives"
    endpoint = FakeEndpoint(script=["429"] * 3, retry_after="40")
    async with model(endpoint, retries=0, deadline=100) as asked:
        with pytest.raises(RateLimitedError):
            await asked.complete(ask())
    assert [*endpoint.attempts.values()] == [3, 1], "0 s, 40 s, 80 s; 120 s would be too late"


@pytest.mark.requirement("llm.retry_after")
@pytest.mark.parametrize(("kind", "wall", "asked_for"), [("429", 0.0, 7.0), ("429 date", -30.0, 30.0)])
async def test_retry_after_is_waited_for_by_every_request_of_the_model(
    kind: str, wall: float, asked_for: float
) -> None:
    time = FakeTime(wall)
    endpoint = FakeEndpoint(script=[kind], retry_after="7")
    async with model(endpoint, time=time, concurrency=1) as asked:
        first = asyncio.create_task(asked.complete(ask("first")))
        second = asyncio.create_task(asked.complete(ask("second")))
        await asyncio.gather(first, second)
    assert len(endpoint.bodies) == 3
    assert time.time >= asked_for
    assert max(time.slept) <= asked_for * 1.1 + 0.01


@pytest.mark.requirement("llm.faults")
@pytest.mark.parametrize("stream", [False, True])
async def test_a_storm_of_every_fault_ends_with_every_request_answered_once(stream: bool) -> None:
    rates = {"429": 0.2, "429 date": 0.05, "500": 0.08, "cut": 0.05, "garbage": 0.05, "empty": 0.03, "html": 0.03,
             "stall": 0.02, "slow": 0.1, "cut stream": 0.05 if stream else 0.0}  # fmt: skip
    endpoint = FakeEndpoint(faults=rates, seed=5)
    async with model(endpoint, stream=stream, timeout=1.5, retries=12, concurrency=24) as asked:
        found = await asyncio.gather(*(asked.complete(ask(f"number {n}")) for n in range(120)))
    assert [one.content for one in found] == [f"You said: number {n}" for n in range(120)]
    answered = {one.request for one in found}
    assert len(answered) == 120
    assert sum(endpoint.attempts.values()) > 150, "the storm struck"
    assert endpoint.at_work == 0


@pytest.mark.requirement("llm.breaker")
async def test_an_endpoint_that_is_down_is_left_alone_and_given_up() -> None:
    time = FakeTime()
    endpoint = FakeEndpoint(error=(503, {"error": {"message": "loading"}}))
    async with model(endpoint, time=time, retries=100, deadline=10**6) as asked:
        with pytest.raises(DownError, match=r"models\.tiny is down.*loading.*same command again"):
            await asked.complete(ask())
        seen = len(endpoint.bodies)
        with pytest.raises(DownError):
            await asked.complete(ask("another"))
    assert seen < 20
    assert len(endpoint.bodies) == seen, "it is not asked any more"


@pytest.mark.requirement("llm.breaker")
async def test_while_the_breaker_is_open_one_try_alone_goes_through_and_its_success_lets_the_rest_follow() -> None:
    endpoint = FakeEndpoint(script=["500"] * 10)
    async with model(endpoint, retries=30, concurrency=16) as asked:
        found = await asyncio.gather(*(asked.complete(ask(f"{n}")) for n in range(16)))
    assert len(found) == 16
    assert sum(endpoint.attempts.values()) == 26


@pytest.mark.requirement("llm.limits")
async def test_no_more_requests_are_at_work_than_the_model_and_all_models_together_may_have() -> None:
    for limits in ({"concurrency": 5}, {"in_flight": 5}):
        endpoint = FakeEndpoint(latency=0.002)
        async with model(endpoint, **limits) as asked:
            await asyncio.gather(*(asked.complete(ask(f"{n}")) for n in range(40)))
        assert endpoint.most_at_work == 5


@pytest.mark.requirement("llm.limits")
@pytest.mark.parametrize(("rpm", "tpm", "least"), [(60, None, 50.0), (None, 600, 50.0)])
async def test_requests_and_tokens_per_minute_are_kept(rpm: int | None, tpm: int | None, least: float) -> None:
    """After the burst of a tenth, 60 requests of 10 tokens take almost a minute at 60 requests or 600 tokens."""
    time = FakeTime()
    rates = Rates(rpm, tpm, time.clock)
    for _ in range(60):
        await rates.admit(10)
    assert least <= time.time <= 60.0


@pytest.mark.requirement("llm.limits")
async def test_tokens_that_were_estimated_and_not_used_are_given_back() -> None:
    time = FakeTime()
    rates = Rates(None, 600, time.clock)
    for _ in range(20):
        await rates.admit(60)
        rates.settle(60, 1)
    assert time.time < 5.0


@pytest.mark.requirement("llm.cancelled")
async def test_a_cancelled_request_leaves_nothing_behind_when_its_time_is_up(tmp_path: Path) -> None:
    endpoint = FakeEndpoint(script=["stall"] * 4)
    async with model(endpoint, folder=tmp_path, concurrency=4, in_flight=4, timeout=0.2) as asked:
        await cancelled(asked, endpoint, 4, at_work=4)
        await endpoint.at(0)
        assert endpoint.gone == 4, "the connections were closed"
        await asked.land()
        assert asked.flying == {}
        found = await asyncio.gather(*(asked.complete(ask(f"{n}")) for n in range(4)))
        assert len(found) == 4, "all slots are free again"
        assert len(asyncio.all_tasks()) <= 6

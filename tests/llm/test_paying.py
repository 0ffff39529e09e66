"""What is paid for, kept, capped and kept secret."""

import asyncio
import json
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from pydantic import ValidationError
from tests.llm.asking import ask, cancelled, model
from tests.llm.fake_endpoint import FakeEndpoint

from tdscaling.config.models import BudgetSettings, ModelSettings, Price
from tdscaling.errors import ConfigError, ProviderError, StoreError
from tdscaling.llm import Completion
from tdscaling.llm.answers import FILE, Answers
from tdscaling.llm.failures import AuthError, BudgetError, OverloadedError, ReplayMissError
from tdscaling.llm.secrets import Secret, redacted

KEY = "hush-3f9a8b7c6d5e4f"


def written(folder: Path, text: str) -> list[Path]:
    """The files that hold a text."""
    return [path for path in folder.iterdir() if text.encode() in path.read_bytes()]


@pytest.mark.requirement("llm.paid_once")
async def test_a_run_that_goes_on_pays_for_nothing_twice(tmp_path: Path) -> None:
    endpoint = FakeEndpoint()
    async with model(endpoint, folder=tmp_path) as asked:
        first = await asked.complete(ask("one", seed=1))
    async with model(endpoint, folder=tmp_path, stream=True, timeout=9.0) as asked:
        again = await asked.complete(ask("one", seed=1))
        other = await asked.complete(ask("one", seed=2))
    assert (again.content, again.usage, again.request) == (first.content, first.usage, first.request)
    assert (first.cached, again.cached, other.cached) == (False, True, False)
    assert list(endpoint.paid.values()) == [1, 1]


@pytest.mark.requirement("llm.paid_once")
async def test_equal_requests_at_the_same_time_are_one() -> None:
    endpoint = FakeEndpoint(latency=0.01)
    async with model(endpoint) as asked:
        found = await asyncio.gather(*(asked.complete(ask("same")) for _ in range(20)))
    assert sum(endpoint.paid.values()) == 1
    assert sorted(one.cached for one in found) == [False] + [True] * 19


@pytest.mark.requirement("llm.paid_once", "llm.cancelled")
async def test_one_of_those_who_wait_for_the_same_answer_is_cancelled_and_the_others_get_it() -> None:
    gate = asyncio.Event()
    endpoint = FakeEndpoint(gate=gate)
    async with model(endpoint) as asked:
        first = asyncio.create_task(asked.complete(ask("same")))
        await endpoint.at(1)
        rest = [asyncio.create_task(asked.complete(ask("same"))) for _ in range(3)]
        await asyncio.sleep(0)
        first.cancel()
        gate.set()
        ended = await asyncio.gather(first, *rest, return_exceptions=True)
    assert isinstance(ended[0], asyncio.CancelledError)
    assert all(isinstance(one, Completion) for one in ended[1:])
    assert list(endpoint.paid.values()) == [1]


@pytest.mark.requirement("llm.paid_once")
async def test_what_fails_fails_for_all_who_wait_and_is_asked_anew_by_the_next() -> None:
    endpoint = FakeEndpoint(script=["500"])
    async with model(endpoint, retries=0) as asked:
        ended = await asyncio.gather(*(asked.complete(ask("same")) for _ in range(3)), return_exceptions=True)
        assert [type(one) for one in ended] == [OverloadedError] * 3
        assert (await asked.complete(ask("same"))).content
    assert [*endpoint.attempts.values()] == [2, 1], "and a short question shows that the endpoint lives"


@pytest.mark.requirement("llm.paid_once", "llm.cancelled")
async def test_an_answer_under_way_when_its_asker_is_cancelled_is_kept_and_not_paid_for_again(tmp_path: Path) -> None:
    gate = asyncio.Event()
    endpoint = FakeEndpoint(gate=gate)
    async with model(endpoint, folder=tmp_path, concurrency=2) as asked:
        await cancelled(asked, endpoint, 5, at_work=2)
        gate.set()  # and the models are closed with two answers under way
    assert sum(endpoint.paid.values()) == 2, "what was not sent is dropped"
    assert asked.budget.spent.tokens > 0
    async with model(endpoint, folder=tmp_path) as asked:
        again = [await asked.complete(ask(f"{n}")) for n in range(5)]
    assert [one.cached for one in again] == [True, True, False, False, False]
    assert set(endpoint.paid.values()) == {1}


@pytest.mark.requirement("llm.paid_once", "llm.cancelled")
async def test_an_interrupted_run_waits_for_the_answers_under_way_and_says_how_many(tmp_path: Path) -> None:
    gate, told = asyncio.Event(), list[int]()
    endpoint = FakeEndpoint(gate=gate)

    def under_way(count: int) -> None:
        told.append(count)
        gate.set()

    async def run() -> None:
        async with model(endpoint, folder=tmp_path, under_way=under_way) as asked:
            await asyncio.gather(*(asked.complete(ask(f"{n}")) for n in range(3)))

    running = asyncio.create_task(run())
    await endpoint.at(3)
    running.cancel()
    await asyncio.wait([running])
    assert running.cancelled()
    assert told == [3]
    assert len(Answers.read(tmp_path).requests()) == 3


@pytest.mark.requirement("llm.paid_once", "llm.cancelled")
async def test_a_failed_request_that_nobody_waits_for_is_not_tried_again(tmp_path: Path) -> None:
    gate = asyncio.Event()
    endpoint = FakeEndpoint(script=["500"], gate=gate)
    async with model(endpoint, folder=tmp_path) as asked:
        task = asyncio.create_task(asked.complete(ask()))
        await endpoint.at(1)
        task.cancel()
        await asyncio.wait([task])
        gate.set()
    assert sum(endpoint.attempts.values()) == 1


@pytest.mark.requirement("llm.cancelled")
async def test_what_is_dropped_before_it_was_sent_can_be_asked_at_once_again() -> None:
    endpoint = FakeEndpoint()
    async with model(endpoint) as asked:
        task = asyncio.create_task(asked.complete(ask()))
        await asyncio.sleep(0)
        task.cancel()
        await asyncio.sleep(0)
        assert (await asked.complete(ask())).content
        assert task.cancelled()
    assert list(endpoint.paid.values()) == [1]


@pytest.mark.requirement("llm.replay")
async def test_replay_answers_without_an_endpoint(tmp_path: Path) -> None:
    endpoint = FakeEndpoint(reply=lambda _: {"content": "Yes", "reasoning_content": "Why not"})
    async with model(endpoint, folder=tmp_path) as asked:
        first = await asked.complete(ask())
    silent = FakeEndpoint()
    async with model(silent, replay=tmp_path, api_key_env="NOT_SET_ANYWHERE") as asked:
        again = await asked.complete(ask())
        assert (again.content, again.reasoning, again.request) == (first.content, first.reasoning, first.request)
        with pytest.raises(ReplayMissError, match=r"no answer of tiny to request [0-9a-f]{32}"):
            await asked.complete(ask("never asked"))
    assert not silent.bodies
    with pytest.raises(StoreError, match="nothing to replay"):
        async with model(silent, replay=tmp_path / "nowhere"):
            pass


@pytest.mark.requirement("llm.budget")
@pytest.mark.parametrize("budget", [BudgetSettings(tokens=2000), BudgetSettings(cost=0.02)])
async def test_a_cap_stops_before_it_is_exceeded_and_a_raised_one_goes_on(
    tmp_path: Path, budget: BudgetSettings
) -> None:
    endpoint = FakeEndpoint(latency=0.001)
    settings = {"folder": tmp_path, "price": Price(prompt=5.0, completion=15.0), "max_tokens": 500}
    async with model(endpoint, budget=budget, **settings) as asked:
        ended = await asyncio.gather(
            *(asked.complete(ask(f"{n} " + "x" * 400)) for n in range(60)), return_exceptions=True
        )
        spent = asked.budget.spent
    stopped = [one for one in ended if isinstance(one, BudgetError)]
    assert stopped
    assert 1 <= 60 - len(stopped) < 60
    assert "raise it and run the same command again" in str(stopped[0])
    assert spent.tokens <= (budget.tokens or 10**9)
    assert spent.cost <= (budget.cost or 10**9)
    paid = sum(endpoint.paid.values())
    async with model(endpoint, budget=BudgetSettings(tokens=10**6), **settings) as asked:
        assert asked.budget.spent.tokens == spent.tokens, "what was spent is remembered"
        await asyncio.gather(*(asked.complete(ask(f"{n} " + "x" * 400)) for n in range(60)))
    assert sum(endpoint.paid.values()) == 60 > paid
    assert set(endpoint.paid.values()) == {1}


@pytest.mark.requirement("llm.budget")
async def test_a_request_that_fails_gives_its_reservation_back() -> None:
    endpoint = FakeEndpoint(script=["500"])
    async with model(endpoint, budget=BudgetSettings(tokens=700), max_tokens=500, retries=0) as asked:
        with pytest.raises(OverloadedError):
            await asked.complete(ask())
        assert (await asked.complete(ask())).content


@pytest.mark.requirement("llm.budget")
async def test_usage_and_price_are_kept_by_model(tmp_path: Path) -> None:
    async with model(FakeEndpoint(), folder=tmp_path, price=Price(prompt=1000.0, completion=2000.0)) as asked:
        used = [(await asked.complete(ask(f"{n}"))).usage for n in range(3)]
        [paid] = asked.answers.paid()
    assert (paid.name, paid.requests) == ("tiny", 3)
    assert paid.usage.tokens == sum(one.tokens for one in used)
    wanted = sum(one.prompt_tokens * 1e-3 + one.completion_tokens * 2e-3 for one in used)
    assert paid.usage.cost == pytest.approx(wanted)


@pytest.mark.requirement("llm.secrets")
async def test_a_key_reaches_the_endpoint_and_nothing_else(tmp_path: Path) -> None:
    environ = {"TINY_KEY": KEY}
    endpoint = FakeEndpoint(key=KEY)
    async with model(endpoint, folder=tmp_path, environ=environ, api_key_env="TINY_KEY") as asked:
        assert (await asked.complete(ask())).content
        assert KEY not in repr(asked)
    wrong = FakeEndpoint(key="another")
    async with model(wrong, folder=tmp_path, environ=environ, api_key_env="TINY_KEY") as asked:
        with pytest.raises(AuthError) as caught:
            await asked.complete(ask("more"))
    assert KEY not in str(caught.value)
    assert KEY not in repr(caught.value)
    assert not written(tmp_path, KEY)
    assert KEY not in json.dumps(endpoint.bodies)


@pytest.mark.requirement("llm.secrets")
async def test_a_key_that_is_not_set_is_said_before_anything_is_asked() -> None:
    with pytest.raises(ConfigError, match="set the environment variable TINY_KEY"):
        async with model(FakeEndpoint(), api_key_env="TINY_KEY"):
            pass


@pytest.mark.requirement("llm.secrets")
@pytest.mark.parametrize(
    ("field", "given"),
    [
        ("base_url", "https://me:hush@host/v1"),
        ("base_url", "https://host/v1?key=hush"),
        ("base_url", "ftp://host"),
        ("api_key_env", "sk-12345678901234567890"),
    ],
)
def test_a_config_can_not_hold_a_key(field: str, given: str) -> None:
    with pytest.raises(ValidationError):
        ModelSettings(**{"base_url": "http://host/v1", "model": "m", field: given})


@pytest.mark.requirement("llm.secrets")
@pytest.mark.parametrize(
    "said", [f"bad key {KEY}", "bad key sk-abc***************wxyz", "Bearer abcdefgh12345 is wrong"]
)
def test_what_an_endpoint_says_of_a_key_is_left_out(said: str) -> None:
    shown = redacted(said, Secret(KEY))
    assert "[key]" in shown
    assert not {KEY, "sk-abc***************wxyz", "abcdefgh12345"} & set(shown.split())


@pytest.mark.requirement("llm.paid_once")
def test_a_file_that_is_no_store_of_answers_is_refused(tmp_path: Path) -> None:
    (tmp_path / FILE).write_bytes(b"nonsense " * 1000)
    with pytest.raises(StoreError):
        Answers.open(tmp_path)
    (tmp_path / FILE).unlink()
    sqlite3.connect(tmp_path / FILE).execute("CREATE TABLE other (n)").connection.close()
    with pytest.raises(StoreError, match="move it away"):
        Answers.open(tmp_path)


@pytest.mark.requirement("llm.paid_once")
def test_the_first_answer_to_a_request_stays_also_in_a_file_with_an_index_as_earlier_versions_made(
    tmp_path: Path,
) -> None:
    with closing(Answers.open(tmp_path)) as answers:
        answers.put("r1", "m", Completion(content="first"))
    with closing(sqlite3.connect(tmp_path / FILE)) as db:
        db.execute("ALTER TABLE answers RENAME TO plain")
        [made] = db.execute("SELECT sql FROM sqlite_master WHERE name = 'plain'").fetchone()
        db.execute(made.replace("request TEXT NOT NULL", "request TEXT PRIMARY KEY").replace('"plain"', "answers"))
        db.execute("INSERT INTO answers SELECT * FROM plain")
        db.execute("DROP TABLE plain")
        db.commit()
    for _ in range(2):
        with closing(Answers.open(tmp_path)) as answers:
            for request, content in (("r1", "second"), ("r2", "new"), ("r2", "newer")):
                answers.put(request, "m", Completion(content=content))
            kept = {request: answers.get(request) for request in ("r1", "r2", "r3")}
            assert {request: one and one.content for request, one in kept.items()} == {
                "r1": "first", "r2": "new", "r3": None,
            }  # fmt: skip
            assert [paid.requests for paid in answers.paid()] == [2]
    with closing(Answers.open(tmp_path)) as answers, closing(Answers.open(tmp_path)) as other:
        other.put("r3", "m", Completion(content="theirs"))
        answers.put("r3", "m", Completion(content="ours"))
        kept = answers.get("r3")
        assert kept is not None
        assert kept.content == "theirs"


def test_the_errors_of_models_are_provider_errors() -> None:
    assert issubclass(BudgetError, ProviderError)

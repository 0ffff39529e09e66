"""What is paid for, kept, capped and kept secret."""

import asyncio
import json
import sqlite3
from pathlib import Path

import pytest
from pydantic import ValidationError
from tests.llm.asking import ask, model
from tests.llm.fake_endpoint import FakeEndpoint

from tdscaling.config.models import BudgetSettings, ModelSettings, Price
from tdscaling.errors import ConfigError, ProviderError, StoreError
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
async def test_when_the_one_who_asks_for_all_is_cancelled_or_fails_another_asks() -> None:
    endpoint = FakeEndpoint(script=["stall", "500"])
    async with model(endpoint, retries=0) as asked:
        first = asyncio.create_task(asked.complete(ask("same")))
        await endpoint.at(1)
        rest = [asyncio.create_task(asked.complete(ask("same"))) for _ in range(3)]
        await asyncio.sleep(0)
        first.cancel()
        ended = await asyncio.gather(*rest, return_exceptions=True)
    assert sum(isinstance(one, OverloadedError) for one in ended) == 1
    assert sum(endpoint.paid.values()) == 1


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


def test_the_errors_of_models_are_provider_errors() -> None:
    assert issubclass(BudgetError, ProviderError)

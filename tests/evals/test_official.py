"""The official packages, installed by the command itself, against endpoints on the loopback: `make test-benchmarks`.
The figures are in docs/evaluation.md."""

import json
import os
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from tests.evals.bfcl_oracle import oracle, said
from tests.evals.loopback import talking
from tests.evals.tau2_oracle import STOP, oracles, silent, tasks
from tests.evals.test_sets import NOTHING, asked
from tests.llm.fake_endpoint import Body

from tdscaling.errors import ProviderError
from tdscaling.evals.bfcl import ALL, BFCL
from tdscaling.evals.packages import environment
from tdscaling.evals.tau2 import DOMAINS, TAU2

CACHE = Path(__file__).parents[2] / ".benchmarks"
WANTED = os.environ.get("BENCHMARKS", "").split()

pytestmark = [pytest.mark.benchmarks, pytest.mark.slow]
tau2 = pytest.mark.skipif("tau2" not in WANTED, reason="make test-benchmarks names it")
bfcl = pytest.mark.skipif("bfcl" not in WANTED, reason="make test-benchmarks names it")


def nothing(_: Body) -> Body:
    return {"role": "assistant", "content": NOTHING}


def scored(name: str, reply: Callable[[Body], Body], folder: Path, *more: object) -> dict[str, Any]:
    """The result, and a line with its scores for who reads along."""
    began = time.monotonic()
    with talking(reply) as (url, endpoint):
        found = asked(name, url, folder, "--cache", CACHE, *more)
    took = f"{time.monotonic() - began:.0f} s, {len(endpoint.arrivals)} requests, load {os.getloadavg()[0]:.1f}"
    print(f"\n{name} {found['versions']} {found['scores']} {took}")
    return found


def data() -> Path:
    return next(environment(BFCL, CACHE).parents[1].glob("lib/python3*/site-packages/bfcl_eval/data"))


@bfcl
@pytest.mark.requirement("evals.bfcl", "evals.bfcl_oracle")
@pytest.mark.parametrize("category", ALL)
def test_an_oracle_reaches_what_the_package_lets_its_own_gold_reach(category: str, tmp_path: Path) -> None:
    """Some gold fails its own check: one of each 200 with the time of day in it, a few with typing mistakes."""
    found = scored("bfcl", oracle(data(), category), tmp_path, "--part", category)
    assert found["scores"][category] >= (0.97 if category == "simple_java" else 0.99)
    wrong = [one["id"] for one in found["items"] if not one["passed"]]
    assert len(wrong) / len(found["items"]) == pytest.approx(1 - found["scores"][category])


@bfcl
@pytest.mark.requirement("evals.bfcl_oracle")
def test_one_that_does_nothing_is_right_only_where_nothing_is_to_be_done(tmp_path: Path) -> None:
    scores = scored("bfcl", nothing, tmp_path)["scores"]
    assert {name for name, score in scores.items() if score} == {"irrelevance", "live_irrelevance"}
    assert set(scores) == {*ALL, "multi_turn overall", "live overall", "non_live overall"}


@bfcl
@pytest.mark.requirement("evals.resume", "evals.dead")
def test_after_an_endpoint_died_half_way_through_a_dialogue_nothing_is_asked_twice(tmp_path: Path) -> None:
    reply = oracle(data(), "multi_turn_base")
    answered = Counter[str]()
    more = ("--cache", CACHE, "--part", "multi_turn_base", "--limit", 10, "--retries", 0)

    def counted(body: Body) -> Body:
        answered[json.dumps(body, sort_keys=True)] += 1
        return reply(body)

    with talking(counted) as (url, endpoint):

        def die(arrived: int) -> None:
            endpoint.error = (503, {"error": {"message": "gone"}}) if arrived > 33 else None

        endpoint.on_arrival = die
        with pytest.raises(ProviderError, match="503"):
            asked("bfcl", url, tmp_path, *more)
        assert not (tmp_path / "bfcl.json").exists()
        assert sum(answered.values()) == 33
        with (tmp_path / "bfcl" / "answers.jsonl").open("a") as kept:
            kept.write('{"asked": "torn')
        endpoint.on_arrival, endpoint.error = lambda _: None, None
        found = asked("bfcl", url, tmp_path, *more)
    assert found["scores"] == {"multi_turn_base": 1.0}
    assert set(answered.values()) == {1}
    assert sum(answered.values()) > 33


@bfcl
@pytest.mark.parametrize(
    ("name", "arguments"),
    [
        ("open", {"file": "PATH", "mode": "w"}),
        ("cd", {"folder=open('PATH', 'w'), b": 1}),
        ("open('PATH','w').close", {}),
    ],
)
def test_what_a_model_writes_runs_nothing_but_the_tools(name: str, arguments: dict[str, Any], tmp_path: Path) -> None:
    made = tmp_path / "made"
    calls = json.loads(json.dumps([[name, arguments]]).replace("PATH", str(made)))

    def reply(body: Body) -> Body:
        return said(calls if body["messages"][-1]["role"] == "user" else [])

    found = scored("bfcl", reply, tmp_path / "out", "--part", "multi_turn_base", "--limit", 1)
    assert found["scores"] == {"multi_turn_base": 0.0}
    assert not made.exists()


def conversed(
    agent: Callable[[Body], Body], user: Callable[[Body], Body], folder: Path, *more: object
) -> dict[str, Any]:
    """The result of tasks that are played one by one."""
    with talking(user) as (url, _):
        return scored("tau2", agent, folder, "--user-base-url", url, "--user-model", "u", "--concurrency", 1, *more)


def tau2_data() -> Path:
    return next(environment(TAU2, CACHE).parents[1].glob("lib/python3*/site-packages/tau2/data/tau2"))


@tau2
@pytest.mark.requirement("evals.tau2", "evals.tau2_oracle")
@pytest.mark.parametrize(("domain", "limit"), [("telecom", 114), ("airline", 12), ("retail", 12)])
def test_an_oracle_and_a_scripted_user_reach_the_top_of_a_domain(domain: str, limit: int, tmp_path: Path) -> None:
    """All of telecom; of the others, whose databases are read for every task, the first."""
    agent, user = oracles(tasks(tau2_data(), domain))
    found = conversed(agent, user, tmp_path, "--part", domain, "--limit", limit)
    assert found["tasks"][domain] == limit
    assert found["scores"][domain] >= 0.95
    assert found["scores"][domain] > found["scores"][f"{domain} floor"]


@tau2
@pytest.mark.requirement("evals.tau2_oracle")
def test_an_agent_that_does_nothing_gets_the_floor_that_is_told(tmp_path: Path) -> None:
    scores = conversed(nothing, silent, tmp_path, "--limit", 20)["scores"]
    assert set(scores) == {name for domain in DOMAINS for name in (domain, f"{domain} floor")}
    assert all(scores[domain] == scores[f"{domain} floor"] for domain in DOMAINS)


@tau2
@pytest.mark.requirement("evals.tau2")
def test_what_is_solved_in_one_trial_of_two_counts_half_and_not_as_solved_twice(tmp_path: Path) -> None:
    twice = tasks(tau2_data(), "telecom")[:4] * 2
    agent, user = oracles(twice)

    def forgetful(body: Body) -> Body:
        """Does nothing in the last two of the eight."""
        return nothing(body) if any(f"Case {one}," in json.dumps(body["messages"]) for one in (6, 7)) else agent(body)

    def leaving(body: Body) -> Body:
        return {"role": "assistant", "content": STOP} if NOTHING in json.dumps(body["messages"]) else user(body)

    more = ("--part", "telecom", "--limit", 4, "--trials", 2)
    found = conversed(forgetful, leaving, tmp_path, *more)
    assert found["scores"] == {"telecom": 0.75, "telecom pass^2": 0.5, "telecom floor": 0.0}


@tau2
@pytest.mark.requirement("evals.resume", "evals.dead")
@pytest.mark.parametrize("who", ["agent", "user"])
def test_after_either_endpoint_died_nothing_is_asked_twice(who: str, tmp_path: Path) -> None:
    answered = Counter[str]()
    twice = tasks(tau2_data(), "telecom")[:3] * 2
    replies = dict(zip(("agent", "user"), oracles(twice), strict=True))

    def counted(name: str) -> Callable[[Body], Body]:
        def reply(body: Body) -> Body:
            message = replies[name](body)
            answered[f"{name} {message} {json.dumps(body, sort_keys=True)}"] += 1
            return message

        return reply

    with talking(counted("agent")) as (url, agent), talking(counted("user")) as (user_url, user):
        more = ("--cache", CACHE, "--part", "telecom", "--limit", 3, "--trials", 2, "--retries", 0, "--concurrency", 1,
                "--user-base-url", user_url, "--user-model", "u")  # fmt: skip
        mortal = {"agent": agent, "user": user}[who]

        def die(arrived: int) -> None:
            mortal.error = (503, {"error": {"message": "gone"}}) if arrived > 4 else None

        mortal.on_arrival = die
        with pytest.raises(ProviderError, match=f"{user_url if who == 'user' else url} died: .*503"):
            asked("tau2", url, tmp_path, *more)
        assert not (tmp_path / "tau2.json").exists()
        mortal.on_arrival, mortal.error = lambda _: None, None
        found = asked("tau2", url, tmp_path, *more)
    assert found["scores"] == {"telecom": 1.0, "telecom pass^2": 1.0, "telecom floor": 0.0}
    assert set(answered.values()) == {1}

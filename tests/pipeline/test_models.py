"""`tdscaling synthesize` with roles played by models, over the shop's server and a fake endpoint."""

import json
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from tests.agents import players
from tests.llm.fake_endpoint import Body, FakeEndpoint
from tests.pipeline.mortal import lived, moments
from tests.pipeline.runs import kept, made, rows, setup, tdscaling
from tests.pipeline.serving import ROLES, in_thread

from tdscaling.llm import Completion, Usage
from tdscaling.llm.answers import Answers
from tdscaling.measurement.spending import spending, spending_json

KEY = "hush-3f9a8b7c6d5e4f"


@pytest.fixture(autouse=True)
def _key(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TINY_KEY", KEY)


@pytest.mark.requirement(
    "pipeline.models", "pipeline.replay", "pipeline.model_budget", "pipeline.secrets", "pipeline.cost"
)
def test_a_run_with_model_roles_keeps_verified_trajectories_stops_at_its_budget_and_replays(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    endpoint = FakeEndpoint(reply=players.well, key=KEY)
    with in_thread(endpoint) as url:
        config = setup(tmp_path, wanted=3, more=ROLES.format(url=url))
        stopped = tdscaling(capsys, "synthesize", config, "-o", tmp_path / "run", "--set", "budget.tokens=4000")
        assert stopped.code == 1
        assert "the budget is reached" in stopped.errors[-1]
        assert sum(endpoint.paid.values()) > 0
        ended = tdscaling(capsys, "synthesize", config, "-o", tmp_path / "run", "--json")
        assert ended.code == 0, ended.err
        assert kept(tmp_path / "run") == 3
        assert set(endpoint.paid.values()) == {1}, "what was paid for before the stop is not paid for again"
    found = json.loads(ended.out)["models"]
    answered = sum(endpoint.paid.values())
    assert found["paid"]["requests"] == answered, "what was under way at the stop and at the end, too"
    _adds_up(found)
    _counts_what_no_episode_has(tmp_path / "run", found)
    assert set(found["roles"]) == {"assistant: tiny", "user: tiny"}
    assert found["user_fault_rate"] == 0.0
    assert not [path for path in (tmp_path / "run").rglob("*") if path.is_file() and KEY.encode() in path.read_bytes()]
    _replays(tmp_path, config, capsys)


def _adds_up(found: dict[str, dict[str, Any]]) -> None:
    """The parts of what models took, by role, by filter and by cluster, are those of the same whole."""
    roles, paid = found["roles"].values(), found["paid"]
    assert all(one["mean_seconds"] > 0 and one["cost"] > 0 for one in roles)
    whole = {
        "requests": sum(one["requests"] for one in roles),
        "tokens": sum(one["prompt_tokens"] + one["completion_tokens"] for one in roles),
        "cost": pytest.approx(sum(one["cost"] for one in roles), abs=1e-5),
    }
    for parts in ("by_filter", "by_cluster"):
        assert {name: sum(one[name] for one in found[parts].values()) for name in whole} == whole, parts
    assert found["beside_finished_episodes"] == {
        "requests": paid["requests"] - whole["requests"],
        "tokens": paid["tokens"] - whole["tokens"],
        "cost": pytest.approx(paid["cost"] - sum(one["cost"] for one in roles), abs=1e-5),
    }, "episodes that did not end are paid for, too"
    assert found["by_filter"]["kept"]["items"] == 3
    clusters = [one for one in found["by_cluster"].values() if one["kept"]]
    assert sum(one["kept"] for one in clusters) == 3
    assert all(one["per_kept"]["tokens"] == pytest.approx(one["tokens"] / one["kept"], abs=0.1) for one in clusters)
    assert found["per_kept"] == {"tokens": pytest.approx(paid["tokens"] / 3, abs=0.1),
                                 "cost": pytest.approx(paid["cost"] / 3, abs=1e-6)}  # fmt: skip


def _counts_what_no_episode_has(folder: Path, found: dict[str, dict[str, Any]]) -> None:
    """One more answer, as of an episode that was under way when the run had enough."""
    answered = Completion(usage=Usage(prompt_tokens=30, completion_tokens=4, cost=2.0))
    with closing(Answers.open(folder)) as answers:
        answers.put("f" * 32, "tiny", answered)
    now, before = spending(folder), found["beside_finished_episodes"]
    assert now is not None
    count, took = now.beside
    assert (count, took.tokens) == (before["requests"] + 1, before["tokens"] + 34)
    assert took.cost == pytest.approx(before["cost"] + 2.0)
    assert spending_json(now)["beside_finished_episodes"] == {
        "requests": count, "tokens": took.tokens, "cost": pytest.approx(took.cost)
    }  # fmt: skip


def _replays(folder: Path, config: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Another folder, no endpoint, no key: the same trajectories."""
    again = tdscaling(capsys, "synthesize", config, "-o", folder / "again", "--replay", folder / "run")
    assert again.code == 0, again.err
    assert made(folder / "again") == made(folder / "run")
    other = tdscaling(
        capsys, "synthesize", config, "-o", folder / "other", "--replay", folder / "run", "--set", "seed=99"
    )
    assert other.code == 1
    assert "replay has no answer" in other.errors[-1]


@pytest.mark.slow
@pytest.mark.requirement("pipeline.models")
def test_a_storm_of_faults_at_the_endpoint_changes_nothing_in_what_is_kept(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    faults = {"429": 0.1, "500": 0.08, "cut": 0.05, "garbage": 0.05, "empty": 0.04, "wrong ids": 0.1}
    for name, endpoint in (
        ("calm", FakeEndpoint(reply=players.well)),
        ("storm", FakeEndpoint(reply=players.well, faults=faults, seed=3)),
    ):
        with in_thread(endpoint) as url:
            config = setup(tmp_path, wanted=2, more=ROLES.format(url=url))
            ended = tdscaling(capsys, "synthesize", config, "-o", tmp_path / name)
            assert ended.code == 0, ended.err
    assert made(tmp_path / "calm") == made(tmp_path / "storm")
    assert sum(endpoint.attempts.values()) > sum(endpoint.paid.values()), "the storm struck"


@pytest.mark.requirement("pipeline.endings")
def test_what_models_answered_wrong_is_told_by_role_and_name_also_where_nothing_was_kept(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    def spoilt(body: Body) -> Body:
        good = players.well(body)
        if players.USER in str(body["messages"][0]["content"]):
            return good
        return {**good, "finish_reason": "length"} if good.get("tool_calls") else {"role": "assistant", "refusal": "no"}

    full = (400, {"error": {"message": "too long", "code": "context_length_exceeded"}})
    told: list[dict[str, int]] = []
    for number, endpoint in enumerate((FakeEndpoint(reply=spoilt), FakeEndpoint(error=full))):
        with in_thread(endpoint) as url:
            config = setup(tmp_path, wanted=2, more=ROLES.format(url=url) + "give_up: 3\n")
            ended = tdscaling(capsys, "synthesize", config, "-o", tmp_path / str(number), "--json")
            assert ended.code == 1
            found = json.loads(ended.out)
            told.append(found["models"]["endings"])
            failed = [count for name, count in found["funnel"].items() if name.startswith("failed")]
            assert sum(told[-1].values()) == sum(failed) > 0
    assert "assistant: truncated" in told[0]
    assert set(told[0]) <= {"assistant: truncated", "assistant: refused"}
    assert set(told[1]) == {"user: context_overflow"}


@pytest.mark.requirement("pipeline.models")
def test_a_trajectory_says_which_models_made_it_and_how_they_were_asked(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    from tdscaling.store import read_run

    with in_thread(FakeEndpoint(reply=players.well)) as url:
        config = setup(tmp_path, wanted=1, more=ROLES.format(url=url))
        assert tdscaling(capsys, "synthesize", config, "-o", tmp_path / "run").code == 0
    with read_run(tmp_path / "run") as run:
        [made] = run.iter_trajectories()
    told = made.provenance
    assert told["roles"] == {
        "planner": "procedural",
        "user": "tiny",
        "assistant": "tiny",
        "monitor": "none",
        "judge": "none",
        "simulator": "procedural",
    }
    assert told["models"] == {
        "tiny": {"model": "tiny-1", "temperature": 0.7, "top_p": None, "max_tokens": 400, "extra": {}}
    }
    assert told["tool_protocol"] == "native"
    assert isinstance(told["prompts"], dict)
    assert {"user", "guidance", "assistant_system"} <= set(told["prompts"])


@pytest.mark.requirement("pipeline.models")
@pytest.mark.parametrize(
    ("error", "said"), [((401, "no"), "check the key"), ((404, "no such model"), "check base_url and model")]
)
def test_a_wrong_key_or_model_ends_the_run_with_a_line_and_no_item_lost(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], error: tuple[int, str], said: str
) -> None:
    endpoint = FakeEndpoint(reply=players.well, error=(error[0], {"error": {"message": error[1]}}))
    with in_thread(endpoint) as url:
        config = setup(tmp_path, wanted=1, more=ROLES.format(url=url))
        ended = tdscaling(capsys, "synthesize", config, "-o", tmp_path / "run")
        assert ended.code == 1
        assert said in ended.errors[-1]
        ended_items = "SELECT count(*) FROM items WHERE state = 'done'"
        fell_before = "SELECT count(*) FROM rejections WHERE stage = 'blueprint'"
        assert rows(tmp_path / "run", ended_items) == rows(tmp_path / "run", fell_before), "plans fall without a model"
        endpoint.error = None
        assert tdscaling(capsys, "synthesize", config, "-o", tmp_path / "run").code == 0


@pytest.mark.requirement("pipeline.models")
def test_a_role_of_an_unknown_model_and_a_missing_key_are_misuse(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    config = setup(tmp_path, wanted=1, more="roles: {user: nobody}\n")
    ended = tdscaling(capsys, "synthesize", config, "-o", tmp_path / "run")
    assert ended.code == 2
    assert "roles.user is 'nobody', no model under `models`" in ended.errors[-1]
    monkeypatch.delenv("TINY_KEY")
    config = setup(tmp_path, wanted=1, more=ROLES.format(url="http://127.0.0.1:9/v1"))
    ended = tdscaling(capsys, "synthesize", config, "-o", tmp_path / "run")
    assert ended.code == 2
    assert "set the environment variable TINY_KEY" in ended.errors[-1]
    assert not (tmp_path / "run").exists(), "said before anything is begun"


def stern(body: Body) -> Body:
    said = players.well(body)
    return {**said, "content": str(said["content"]).replace("true", "false")}


@pytest.mark.requirement("pipeline.judge", "agents.watch")
def test_a_judge_is_asked_about_what_passed_all_checks_and_can_reject_it(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for name, reply, code in (("mild", players.well, 0), ("stern", stern, 1)):
        endpoint = FakeEndpoint(reply=reply)
        with in_thread(endpoint) as url:
            judged = ROLES.format(url=url).replace("assistant: tiny}", "assistant: tiny, judge: tiny, monitor: tiny}")
            config = setup(tmp_path, wanted=1, more=judged + "give_up: 4\n")
            ended = tdscaling(capsys, "synthesize", config, "-o", tmp_path / name, "--set", "batch=4", "--json")
            assert ended.code == code, ended.err
        spent = json.loads(ended.out)["models"]["by_filter"]
        assert bool(spent.get("failed: judge", {}).get("cost")) == (name == "stern"), (
            "a run that keeps nothing tells it"
        )
        found = rows(tmp_path / name, "SELECT count(*) FROM trajectories WHERE reason = 'judge'")[0][0]
        asked = rows(tmp_path / name, "SELECT count(*) FROM usage WHERE role = 'judge'")[0][0]
        assert bool(found) == (name == "stern")
        assert int(str(asked)) % 3 == 0
        assert int(str(asked)) >= 3
        watched, spoken = rows(tmp_path / name, "SELECT sum(role = 'monitor'), sum(role = 'user') FROM usage")[0]
        assert watched == spoken, "a monitor that is a model is asked about every message of the user"


@pytest.mark.slow
@pytest.mark.parametrize(("simulated", "wanted"), [(False, 2), (True, 6)])
@pytest.mark.requirement("pipeline.model_killed")
def test_a_run_with_models_that_is_killed_again_and_again_keeps_the_same_and_pays_for_nothing_twice(
    simulated: bool, wanted: int, tmp_path: Path
) -> None:
    calm = lived(tmp_path, tmp_path / "calm", wanted, [], simulated)
    killed = lived(tmp_path, tmp_path / "killed", wanted, moments(4, calm.requests, 5), simulated)
    assert killed.deaths >= 3, "the killing reached the run"
    assert killed.made == calm.made
    assert killed.asked_again == []
    assert killed.paid_twice == 0


@pytest.mark.requirement("pipeline.near_misses")
def test_a_plan_is_played_again_after_a_near_miss_and_both_make_a_preference_pair(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    heard: set[str] = set()

    def forgetful(body: Body) -> Body:
        """The first time it is to tell something it tells nothing."""
        said, talk = players.well(body), json.dumps(body["messages"])
        tells = "- Tell the user" in talk and str(said["content"]).startswith("The ")
        if tells and talk not in heard:
            heard.add(talk)
            return {**said, "content": "All of that is done."}
        return said

    endpoint = FakeEndpoint(reply=forgetful)
    with in_thread(endpoint) as url:
        asked_for = ROLES.format(url=url).replace("hints: true", "hints: true, near_misses: 2")
        config = setup(tmp_path, wanted=2, more=asked_for)
        formats = ("--set", "export=[trl, trl-dpo]")
        ended = tdscaling(capsys, "synthesize", config, "-o", tmp_path / "run", "--json", *formats)
        assert ended.code == 0, ended.err
    assert set(endpoint.paid.values()) == {1}, "what the user says again is not paid for again"
    told = json.loads(ended.out)["near_misses"]
    pairs = [json.loads(line) for line in (tmp_path / "run/export/trl-dpo/train.jsonl").read_text().splitlines()]
    assert len(pairs) == told["pairs"] >= 1
    for pair in pairs:
        assert pair["prompt"][-1]["role"] in ("user", "tool")
        assert pair["rejected"][0]["content"] == "All of that is done."
        assert str(pair["chosen"][0]["content"]).startswith("The ")
        assert pair["failed"] == "answer_facts"
        assert "guidance" not in json.dumps(pair).lower()
    kept_ones = (tmp_path / "run/export/trl/train.jsonl").read_text()
    assert "All of that is done." not in kept_ones
    usage = rows(tmp_path / "run", "SELECT count(*), count(DISTINCT request) FROM usage")
    assert usage[0][0] == usage[0][1]

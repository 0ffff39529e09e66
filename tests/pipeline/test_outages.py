"""`tdscaling synthesize` while the endpoint of its roles answers nothing, or its folder goes."""

import shutil
from pathlib import Path

import pytest
from tests.agents import players
from tests.llm.fake_endpoint import Body, FakeEndpoint
from tests.pipeline.runs import kept, made, rows, setup, tdscaling
from tests.pipeline.serving import ROLES, in_thread

IMPATIENT = ROLES.replace("retries: 20", "retries: 0, deadline: 0.01")
LOST = "SELECT count(*) FROM rejections WHERE reason = 'provider_error'"
ENDED = "SELECT count(*) FROM items WHERE state = 'done'"
UNPLANNED = "SELECT count(*) FROM rejections WHERE stage = 'blueprint'"


@pytest.fixture(autouse=True)
def _key(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TINY_KEY", "hush")


@pytest.mark.requirement("pipeline.outage")
@pytest.mark.parametrize("kind", ["html", "429"])
def test_a_run_stops_at_an_endpoint_that_answers_nothing_and_goes_on_to_the_same_when_it_is_back(
    kind: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    endpoint = FakeEndpoint(reply=players.well)
    with in_thread(endpoint) as url:
        config = setup(tmp_path, wanted=2, more=IMPATIENT.format(url=url))
        assert tdscaling(capsys, "synthesize", config, "-o", tmp_path / "calm").code == 0
        well = len(endpoint.arrivals) + 3
        endpoint.on_arrival = lambda count: endpoint.script.append(kind) if count > well else None
        ended = tdscaling(capsys, "synthesize", config, "-o", tmp_path / "run")
        assert ended.code == 1
        assert f"models.tiny is down ({url}: " in ended.errors[-1]
        assert "same command again" in ended.errors[-1]
        assert rows(tmp_path / "run", LOST) == [(0,)]
        assert rows(tmp_path / "run", ENDED) == rows(tmp_path / "run", UNPLANNED), "plans fall without a model"
        endpoint.on_arrival = lambda _: None
        ended = tdscaling(capsys, "synthesize", config, "-o", tmp_path / "run")
        assert ended.code == 0, ended.err
    assert made(tmp_path / "run") == made(tmp_path / "calm")


@pytest.mark.requirement("pipeline.outage")
@pytest.mark.parametrize("slots", [1, 2])
def test_a_run_stops_where_nobody_listens_however_few_episodes_are_under_way(
    slots: int, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    config = setup(tmp_path, wanted=2, more=IMPATIENT.format(url="http://127.0.0.1:9/v1"))
    ended = tdscaling(capsys, "synthesize", config, "-o", tmp_path / "run", "--set", f"environment.slots={slots}")
    assert ended.code == 1
    assert "models.tiny is down (http://127.0.0.1:9/v1: no connection" in ended.errors[-1]
    assert rows(tmp_path / "run", LOST) == [(0,)]


@pytest.mark.requirement("pipeline.outage")
def test_a_request_that_alone_has_no_answer_costs_its_item_and_nothing_else(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    poisoned: list[str] = []

    def poisonous(body: Body) -> Body:
        """The opening of the first item never has an answer."""
        talk = str(body["messages"])
        if players.USER in talk and not poisoned:
            poisoned.append(talk)
        return {"role": "assistant", "content": ""} if talk in poisoned else players.well(body)

    endpoint = FakeEndpoint(reply=poisonous)
    with in_thread(endpoint) as url:
        config = setup(tmp_path, wanted=2, more=IMPATIENT.format(url=url))
        ended = tdscaling(capsys, "synthesize", config, "-o", tmp_path / "run", "--set", "environment.slots=1")
        assert ended.code == 0, ended.err
    assert rows(tmp_path / "run", LOST) == [(1,)]
    assert kept(tmp_path / "run") == 2


@pytest.mark.requirement("store.taken_away", "llm.unkept")
def test_a_run_whose_folder_is_taken_away_ends_in_one_line_and_makes_no_other(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    endpoint = FakeEndpoint(reply=players.well)
    endpoint.on_arrival = lambda count: shutil.rmtree(tmp_path / "run") if count == 6 else None
    with in_thread(endpoint) as url:
        config = setup(tmp_path, wanted=8, more=ROLES.format(url=url))
        ended = tdscaling(capsys, "synthesize", config, "-o", tmp_path / "run")
    assert ended.code == 1
    assert len(ended.errors) == 1
    assert f"{tmp_path / 'run'} was taken away while it ran" in ended.errors[0]
    assert len(endpoint.arrivals) < 9, "nothing is paid for any more"
    assert not (tmp_path / "run").exists()

"""An experiment's held-out sets asked of an endpoint: an oracle is at the top, one that does nothing at the floor."""

import asyncio
import json
from collections.abc import Sequence
from pathlib import Path

import pytest
from tests.evals.loopback import talking
from tests.evals.test_sets import asked
from tests.llm.fake_endpoint import Body
from tests.pipeline.simulated_run import configured

from tdscaling.errors import ConfigError
from tdscaling.evals.heldout import records
from tdscaling.llm.failures import DownError
from tdscaling.pipeline import synthesize
from tdscaling.scaling.heldout import Split, save_held
from tdscaling.scaling.pool import read_pool
from tdscaling.types import Dialogue, Message


@pytest.fixture(scope="module")
def experiment(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of one that holds out all of its pool."""
    folder = tmp_path_factory.mktemp("experiment")
    run = folder / "pools" / "wide"
    run.mkdir(parents=True)
    asyncio.run(synthesize(configured(folder, 6, 1), run, folder))
    samples = read_pool([run], len, 10**9).samples
    save_held(
        Split(training=(), unseen=samples[:4], seen=samples[4:], code=(), services=(), touching=0, overlapping=0),
        folder,
    )
    return folder


def oracle(dialogues: Sequence[Dialogue], body: Body) -> Body:
    """What the assistant of the dialogue did at this point, known by what was said and called before it."""
    spoken = [_known(one) for one in body["messages"] if one["role"] != "tool"]
    for dialogue in dialogues:
        said = [message for message in dialogue.messages if message.role != "tool"]
        if [_own(message) for message in said[: len(spoken)]] == spoken:
            return _reply(said[len(spoken)])
    return {"role": "assistant", "content": "I do not know this dialogue."}


def _own(message: Message) -> tuple[str, str]:
    return message.role, str([(call.name, dict(call.arguments)) for call in message.tool_calls] or message.content)


def _known(one: Body) -> tuple[str, str]:
    calls = [
        (call["function"]["name"], json.loads(call["function"]["arguments"])) for call in one.get("tool_calls") or ()
    ]
    return one["role"], str(calls or one["content"])


def _reply(message: Message) -> Body:
    calls = [
        {"id": call.id, "type": "function", "function": {"name": call.name, "arguments": json.dumps(call.arguments)}}
        for call in message.tool_calls
    ]
    return {"role": "assistant", "content": message.content, **({"tool_calls": calls} if calls else {})}


@pytest.mark.requirement("evals.heldout")
def test_who_knows_the_dialogues_is_at_the_top_and_who_does_nothing_at_the_floor(
    experiment: Path, tmp_path: Path
) -> None:
    known = [one.dialogue for group in ("unseen", "seen") for one in records(experiment, group)]
    assert len(known) == 6
    with talking(lambda body: oracle(known, body)) as (url, _):
        best = asked("heldout", url, tmp_path / "best", "--given", experiment, "--play", 4)
    names = ["unseen tool", "unseen call", "unseen answer", "seen tool", "seen call", "seen answer", "unseen played"]
    assert best["scores"] == dict.fromkeys(names, 1.0)
    assert best["tasks"]["unseen played"] == 4
    with talking(lambda body: {"role": "assistant", "content": "Done."}) as (url, _):
        idle = asked("heldout", url, tmp_path / "idle", "--given", experiment, "--play", 4)
    assert idle["scores"] == {name: float(name.endswith("answer")) for name in names}
    assert idle["versions"]["heldout"] == best["versions"]["heldout"]


@pytest.mark.requirement("evals.heldout")
def test_an_endpoint_that_dies_while_a_plan_is_played_leaves_no_result_and_the_same_command_goes_on(
    experiment: Path, tmp_path: Path
) -> None:
    known = [one.dialogue for group in ("unseen", "seen") for one in records(experiment, group)]
    out = tmp_path / "out"
    asks = ("--given", experiment, "--play", 2, "--retries", 0)
    with talking(lambda body: oracle(known, body)) as (url, endpoint):
        actions = sum(message.role == "assistant" for dialogue in known for message in dialogue.messages)

        def die(arrived: int) -> None:
            if arrived == actions + 3:
                endpoint.error = (500, {"error": {"message": "gone"}})

        endpoint.on_arrival = die
        with pytest.raises(DownError, match="is down"):
            asked("heldout", url, out, *asks)
        assert not (out / "heldout.json").exists()
        endpoint.error = None
        before = len(endpoint.arrivals)
        found = asked("heldout", url, out, *asks)
        assert before > actions
        assert len(endpoint.arrivals) - before < actions  # what was answered is not asked again
    assert found["scores"]["unseen played"] == 1.0


@pytest.mark.requirement("evals.heldout")
def test_a_folder_without_held_out_sets_is_refused_in_one_line(tmp_path: Path) -> None:
    for given, said in ((("--given", tmp_path), "has no folder heldout"), ((), "heldout needs --given DIR")):
        with pytest.raises(ConfigError, match=said):
            asked("heldout", "http://127.0.0.1:1/v1", tmp_path / "out", *given)
    with pytest.raises(ConfigError, match="--play is of heldout alone"):
        asked("sql", "http://127.0.0.1:1/v1", tmp_path / "out", "--play", 1)

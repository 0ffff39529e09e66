"""Runs whose episodes call a live server and a simulated one, texts of the latter phrased by a model."""

import json
from collections import Counter
from pathlib import Path

import pytest
from tests.llm.fake_endpoint import Body, FakeEndpoint
from tests.pipeline.runs import kept, made, setup, tdscaling
from tests.pipeline.serving import in_thread

from tdscaling.metrics.mixture import part_of
from tdscaling.store import read_run
from tdscaling.types import Dialogue

DEMO = Path(__file__).parents[2] / "demo"
WANTED = 30
MIXED = """\
simulation: {{simulate: true}}
mixture: {{business: 1, computational: 0}}
models:
  tiny: {{base_url: "{url}", model: tiny-1, api_key_env: TINY_KEY, timeout: 2, retries: 20}}
roles: {{simulator: tiny}}
"""
SAID = "It has to be looked at before Friday."


def writes(body: Body) -> Body:
    return {"role": "assistant", "content": json.dumps({"summary": SAID})}


def called(dialogue: Dialogue) -> set[str]:
    servers = {tool.name: tool.server for tool in dialogue.tools}
    return {str(servers[call.name]) for _, call in dialogue.calls()}


@pytest.mark.requirement("simulated.mixed", "simulated.responder", "pipeline.replay")
def test_a_live_server_and_a_simulated_one_share_episodes_and_a_model_phrases_what_is_created(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TINY_KEY", "k")
    endpoint = FakeEndpoint(reply=writes)
    with in_thread(endpoint) as url:
        config = setup(tmp_path, wanted=WANTED, more=MIXED.format(url=url))
        issues = (DEMO / "issues.yaml").read_text(encoding="utf-8")
        about_customers = issues.replace("branch_name", "customer_id").replace("branch", "customer")
        (tmp_path / "issues.yaml").write_text(about_customers, encoding="utf-8")
        text = config.read_text(encoding="utf-8").replace("[servers.json]", "[servers.json, issues.yaml]")
        config.write_text(text, encoding="utf-8")
        ended = tdscaling(capsys, "synthesize", config, "-o", tmp_path / "run", "--json")
        assert ended.code == 0, ended.err
    assert kept(tmp_path / "run") == WANTED
    seen: Counter[str] = Counter()
    with read_run(tmp_path / "run") as reader:
        for trajectory in reader.iter_trajectories(kept=True):
            assert trajectory.provenance["part"] == part_of(trajectory.dialogue)
            environment = json.loads(json.dumps(trajectory.provenance["environment"]))
            both = called(trajectory.dialogue) == {"shop", "issues"}
            seen["both"] += both
            assert not both or environment["kind"] == "mixed"
            results = [message.content for message in trajectory.dialogue.messages if message.role == "tool"]
            seen["phrased"] += any(SAID in result for result in results)
    assert seen["both"]
    assert seen["phrased"]
    assert set(json.loads(ended.out)["models"]["roles"]) == {"simulator: tiny"}
    assert set(endpoint.paid.values()) == {1}
    again = tdscaling(capsys, "synthesize", config, "-o", tmp_path / "again", "--replay", tmp_path / "run")
    assert again.code == 0, again.err
    assert made(tmp_path / "again") == made(tmp_path / "run")

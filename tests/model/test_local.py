"""The client, the roles and a whole run against a real model. What so small a one says is never asserted: the
protocol is, and that the funnel tells the truth about what was kept."""

import json
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from pathlib import Path
from random import Random
from typing import Any

import pytest
from tests.agents.episodes import blueprint, judged, played
from tests.fakes import BY_KEY
from tests.pipeline.runs import rows, setup, tdscaling

from tdscaling.agents.model import ModelAssistant, ModelUser, Voice
from tdscaling.agents.model.probe import probe
from tdscaling.config.models import ModelSettings
from tdscaling.llm import Request, Sampling
from tdscaling.llm.endpoint import Endpoint
from tdscaling.llm.failures import ContextOverflowError, TruncatedError
from tdscaling.llm.opening import Opening, open_models
from tdscaling.llm.reading import text, value
from tdscaling.types import JsonObject, Message
from tdscaling.values.offer import offer

pytestmark = [pytest.mark.model, pytest.mark.slow]

PLAN: JsonObject = {
    "type": "object",
    "properties": {
        "goal": {"type": "string", "maxLength": 60},
        "steps": {"type": "array", "maxItems": 2, "items": {"type": "string", "enum": ["list_items", "get_item"]}},
        "count": {"type": "integer", "minimum": 1, "maximum": 9},
    },
    "required": ["goal", "steps", "count"],
    "additionalProperties": False,
}


def asked(content: str, **more: Any) -> Request:
    how = Sampling(temperature=0.0, max_tokens=more.pop("max_tokens", 120), seed=1)
    return Request(messages=(Message(role="user", content=content),), sampling=how, **more)


@asynccontextmanager
async def small_model(url: str, **settings: Any) -> AsyncGenerator[Endpoint]:
    made = ModelSettings(base_url=url, model="local", timeout=300, deadline=900, max_tokens=200, **settings)
    async with open_models({"m": made}, ["m"], Opening(environ={}, rng=Random(0))) as models:
        yield models.by_name["m"]


@pytest.mark.requirement("llm.real")
@pytest.mark.parametrize("stream", [False, True])
async def test_a_plan_under_a_schema_is_a_plan_of_that_schema(local_url: str, stream: bool) -> None:
    async with small_model(local_url, stream=stream) as model:
        found = await model.complete(asked("Plan how to look up the price of an oak shelf.", schema=PLAN))
    assert isinstance(value(found, PLAN), dict)
    assert found.usage.prompt_tokens > 0
    assert found.usage.completion_tokens > 0


@pytest.mark.requirement("llm.real")
async def test_an_answer_that_is_cut_off_and_a_prompt_that_does_not_fit_are_named(local_url: str) -> None:
    async with small_model(local_url) as model:
        with pytest.raises(TruncatedError):
            text(await model.complete(asked("Tell a long story about a shelf.", max_tokens=5)))
        with pytest.raises(ContextOverflowError):
            await model.complete(asked("shelf " * 8000))


@pytest.mark.requirement("llm.real")
async def test_an_episode_between_a_real_user_and_assistant_ends_and_gets_a_verdict(local_url: str) -> None:
    plan = await blueprint("direct")
    tools = offer(plan.offered, BY_KEY)
    async with small_model(local_url) as model:
        protocol = await probe(model)
        assert protocol in ("native", "schema", "hermes")
        user = ModelUser(plan, Voice(model, "user", "1"), [tool.name for tool in tools])
        assistant = ModelAssistant(Voice(model, "assistant", "1"), "schema", 3, plan)
        rollout = await played(plan, user=user, assistant=assistant)
    verdict = await judged(plan, rollout)
    assert verdict.kept == (verdict.reason == "")
    assert rollout.fault in ("", "user", "assistant")


@pytest.mark.requirement("llm.real")
def test_a_run_on_live_servers_with_a_real_small_model_says_truthfully_what_it_kept(
    local_url: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    more = f"""\
models:
  small: {{base_url: "{local_url}", model: local, protocol: schema, max_tokens: 60, timeout: 300, concurrency: 1}}
roles: {{user: small, assistant: small}}
playing: {{hints: true}}
give_up: 2
episodes: {{user_turns: 2, steps_per_turn: 2}}
"""
    config = setup(tmp_path, wanted=1, more=more)
    ended = tdscaling(capsys, "synthesize", config, "-o", tmp_path / "run", "--json", "--set", "batch=1")
    found = json.loads(ended.out)
    [(kept,)] = rows(tmp_path / "run", "SELECT count(*) FROM trajectories WHERE kept")
    [(done,)] = rows(tmp_path / "run", "SELECT count(*) FROM items WHERE state = 'done'")
    assert found["kept"] == kept
    assert found["funnel"]["kept"] == kept
    assert ended.code == (0 if kept else 1)
    assert int(str(done)) >= 1
    [(asked_for,)] = rows(tmp_path / "run", "SELECT count(*) FROM usage")
    assert int(str(asked_for)) >= 1

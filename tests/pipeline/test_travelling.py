"""What goes to worker processes comes out there as it went in."""

import pickle
from multiprocessing.reduction import ForkingPickler

import pytest
from tests.agents.episodes import blueprints, played

from tdscaling.pipeline.travelling import travel_light
from tdscaling.types import Mode


@pytest.mark.requirement("pipeline.processes")
@pytest.mark.parametrize("mode", ["conditional", "clarifying", "abstaining", "recovering", "iterative"])
async def test_plans_and_rollouts_arrive_as_they_were_sent(mode: Mode) -> None:
    plans = await blueprints(mode, 6)
    rollouts = [await played(plan) for plan in plans]
    travel_light()
    sent = bytes(ForkingPickler.dumps((plans, rollouts)))
    assert plans
    assert pickle.loads(sent) == (plans, rollouts)
    assert b"FromOutput" not in sent, "no part is pickled by itself"

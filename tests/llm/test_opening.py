"""What models are opened in."""

import gc

from tests.llm.asking import model
from tests.llm.fake_endpoint import FakeEndpoint

from tdscaling.collecting import RARELY


async def test_garbage_is_looked_for_rarely_while_models_are_open_and_as_before_when_they_are_closed() -> None:
    before = gc.get_threshold()
    async with model(FakeEndpoint()):
        assert gc.get_threshold() == RARELY
    assert gc.get_threshold() == before

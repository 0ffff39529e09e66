"""A server whose tools are not those of the run's catalogue is named, also when a run goes on."""

from pathlib import Path

import pytest
from tests.pipeline import runs
from tests.pipeline.runs import tdscaling


@pytest.mark.requirement("pipeline.promised")
@pytest.mark.parametrize("bad", [(), ("moving",)])
def test_a_server_that_offers_other_tools_than_the_catalogue_is_named(
    bad: tuple[str, ...], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = runs.setup(tmp_path, *bad, wanted=3)
    ended = tdscaling(capsys, "synthesize", path, "-o", tmp_path / "run")
    assert ended.code == 0, ended.err
    lines = [line for line in ended.said if "offers other tools" in line]
    assert lines == [
        "left out: server 'shop' offers other tools than the catalogue of this run "
        "(gone: get_clock; new: moved): --new takes the new ones"
    ] * len(bad)

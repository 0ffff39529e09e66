"""What `select` tells of what it chose, beside what `measure` tells of it."""

import json
from pathlib import Path

import pytest
from click.testing import CliRunner
from tests.selection.test_select import chosen, pool, row

from tdscaling.cli.measure import command as measure


def test_the_vendi_score_and_the_percentiles_of_what_is_chosen_are_those_that_measure_tells_of_it(
    tmp_path: Path,
) -> None:
    source = pool(tmp_path, [row(number, words=f"please, number {number}") for number in range(30)])
    found, ids = chosen(tmp_path, source, budget=900)
    told = json.loads(CliRunner().invoke(measure, [str(tmp_path / "out" / "train.jsonl"), "--json"]).stdout)
    figures = found["selection"]
    assert isinstance(figures, dict)
    assert 4 < len(ids) < 30
    assert figures["vendi"] == pytest.approx(told["spread"]["vendi"])
    assert figures["cac"] == {name: value for name, value in told["cac"].items() if name != "mean"}
    assert figures["cells"] == len(told["cells"])

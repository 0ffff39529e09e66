"""What `select` tells of what it chose, beside what `measure` tells of it."""

import json
import re
from pathlib import Path

import pytest
from click.testing import CliRunner
from tests.selection.test_select import chosen, pool, row

from tdscaling.cli.measure import command as measure
from tdscaling.cli.select import command as select


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


def test_what_is_said_to_be_reached_at_least_is_never_more_than_is_known(tmp_path: Path) -> None:
    source = pool(tmp_path, [row(number, words=f"please, number {number}") for number in range(30)])
    for budget in range(120, 900, 90):
        found, _ = chosen(tmp_path, source, budget=budget)
        out = str(tmp_path / "told")
        told = CliRunner().invoke(select, [str(source), "--budget-tokens", str(budget), "-o", out]).stdout
        card = (tmp_path / "told" / "README.md").read_text()
        share = re.search(r"at least ([0-9.]+)% of what", told)
        known = re.search(r"at least ([0-9.]+) of the best", card)
        assert share is not None
        assert known is not None
        assert float(share[1]) / 100 <= found["reached"] + 1e-12  # type: ignore[operator]
        assert float(known[1]) <= found["reached"] + 1e-12  # type: ignore[operator]

"""`tdscaling select` on rows whose values are no JSON: none of them is chosen, paid for or written."""

import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from tdscaling.cli.select import command


def row(name: str, arguments: str) -> str:
    call = {"id": "1", "type": "function", "function": {"name": "set_limit", "arguments": arguments}}
    asked = {"role": "user", "content": f"{name}, please set the limit."}
    called = {"role": "assistant", "content": "", "tool_calls": [call]}
    ended = {"role": "assistant", "content": "Done."}
    told = {"role": "tool", "tool_call_id": "1", "content": "ok"}
    return json.dumps({"id": name, "domain": name, "messages": [asked, called, told, ended], "tools": []}) + "\n"


@pytest.mark.requirement("selection.refused")
@pytest.mark.parametrize("format_name", ["trl", "sharegpt"])
def test_a_row_with_nan_leaves_the_pool(format_name: str, tmp_path: Path) -> None:
    (tmp_path / "pool.jsonl").write_text(row("odd", '{"limit": NaN}') + row("good", '{"limit": 1}'))
    told = [str(tmp_path / "pool.jsonl"), "--budget-tokens", "1000", "-o", str(tmp_path / "out"), "--json"]
    found = json.loads(CliRunner().invoke(command, [*told, "--format", format_name]).stdout)
    assert found["records"] == found["pool"] == found["selection"]["n"] == 1
    [refused] = found["skipped"]
    assert (refused["row"], "NaN" in refused["reason"]) == (1, True)

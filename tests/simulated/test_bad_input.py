"""Bad input from the command line: each catalogue gives a service that keeps its laws, or a line that says why not."""

import json
from pathlib import Path

import pytest
from click.testing import CliRunner
from tests.simulated.test_services import BAD

from tdscaling.catalog import save
from tdscaling.cli.simulate import command


@pytest.mark.requirement("simulated.bad_input", "simulated.checked")
@pytest.mark.parametrize("name", sorted(name for name, found in BAD.items() if found))
def test_a_file_of_bad_tools_is_simulated_lawfully_or_left_out_in_one_line_each(name: str, tmp_path: Path) -> None:
    named = [tool for tool in BAD[name] if tool.name]
    save(named, tmp_path / "c.jsonl.gz")
    done = CliRunner().invoke(command, ["check", str(tmp_path / "c.jsonl.gz"), "s", "--json", "--worlds", "1"])
    assert isinstance(done.exception, SystemExit | None), done.exception
    found = json.loads(done.output)
    assert found["broken"] == []
    assert all(reason and "\n" not in reason for reason in found["left_out"].values())
    assert len(found["left_out"]) + len(found["tools"]) == len(named)
    assert done.exit_code == (0 if found["tools"] else 1)
    shown = CliRunner().invoke(command, ["show", str(tmp_path / "c.jsonl.gz"), "s"])
    assert shown.exit_code == 0, shown.output


@pytest.mark.requirement("simulated.bad_input", "simulated.override")
def test_a_mistyped_override_from_the_command_line_names_the_nearest_right_name(tmp_path: Path) -> None:
    save(BAD["an enum of one"], tmp_path / "c.jsonl.gz")
    for text, nearest in (
        ("[servers]", "fields like `servers: ...`"),
        ("servers: {t: {}}", "there are s"),
        ("servers: {s: {entities: {pett: {}}}}", "pet"),
        ("servers: {s: {tools: {create_pte: {kind: none}}}}", "create_pet"),
        ("servers: {s: {tools: {create_pet: {kin: none}}}}", "kind"),
    ):
        (tmp_path / "o.yaml").write_text(text, encoding="utf-8")
        arguments = ["show", str(tmp_path / "c.jsonl.gz"), "s", "--overrides", str(tmp_path / "o.yaml")]
        error = CliRunner().invoke(command, arguments).exception
        assert error is not None
        assert nearest in str(error), text
        assert "\n" not in str(error)

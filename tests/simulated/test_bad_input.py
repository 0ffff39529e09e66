"""Bad input from the command line: each catalogue gives a service that keeps its laws, or a line that says why not."""

import json
from pathlib import Path

import pytest
from click.testing import CliRunner
from tests.simulated.family import DESK, SERVER, tools
from tests.simulated.test_services import BAD

from tdscaling.catalog import save
from tdscaling.cli.simulate import command
from tdscaling.cli.synthesize import command as synthesize_command
from tdscaling.config.run import RunConfig
from tdscaling.config.simulation import RuleSettings, SimulationSettings
from tdscaling.environments.simulated import SimulatedEnvironment
from tdscaling.errors import ConfigError
from tdscaling.pipeline.simulation import check_servers
from tdscaling.types import ToolKey


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


@pytest.mark.requirement("simulated.policy", "pipeline.bad_config")
@pytest.mark.parametrize(
    ("given", "said"),
    [
        ("simulation.rules={dsk: [{text: x, tools: [close_ticket]}]}", "rules: unknown 'dsk'; did you mean 'desk'?"),
        ("simulation.rules={desk: [{text: x, tools: [close_tickt]}]}", "0.tools: unknown 'close_tickt'; did you mean"),
        ("simulation.rules={desk: [{text: x, tools: [close_ticket], field: amountt}]}", "did you mean 'amount'?"),
        ("simulation.rules={desk: [{text: x, tools: [close_ticket], field: zzz}]}", "(close_ticket): unknown 'zzz'; "),
        (
            "simulation.rules={desk: [{text: x, tools: [create_ticket], field: amount}]}",
            "(create_ticket): it is called on",
        ),
        ("simulation.rules={desk: [{text: x, tools: [list_tickets], field: amount}]}", "no record; name an `argument`"),
        ("simulation.rules={desk: [{text: x, tools: [close_ticket], argument: ticket}]}", "did you mean 'ticket_id'?"),
        ("domains={nope: x}", "domains: unknown 'nope'; there are desk"),
    ],
)
def test_a_rule_or_a_domain_of_what_there_is_not_is_refused_in_one_line(given: str, said: str, tmp_path: Path) -> None:
    save(tools(DESK), tmp_path / "tools.jsonl.gz")
    (tmp_path / "c.yaml").write_text("sources: [tools.jsonl.gz]\ntrajectories: 1\n", encoding="utf-8")
    arguments = [str(tmp_path / "c.yaml"), "-o", str(tmp_path / "run"), "--set", given]
    error = CliRunner().invoke(synthesize_command, arguments).exception
    assert isinstance(error, ConfigError)
    assert said in str(error)
    assert "\n" not in str(error)


@pytest.mark.requirement("simulated.policy")
def test_a_rule_of_an_argument_binds_a_tool_that_lists() -> None:
    rule = RuleSettings(
        text="Closed ones are not listed.", tools=("list_tickets",), argument="status", one_of=("open",)
    )
    session = SimulatedEnvironment(tools(DESK), SimulationSettings(rules={SERVER: (rule,)})).open([SERVER], 0)
    refused = session.call_now(ToolKey(SERVER, "list_tickets"), {"status": "closed"})
    assert "Closed ones are not listed." in refused.content
    assert not session.call_now(ToolKey(SERVER, "list_tickets"), {"status": "open"}).is_error
    assert not session.call_now(ToolKey(SERVER, "list_tickets"), {}).is_error


@pytest.mark.requirement("simulated.policy")
def test_rules_of_a_live_server_are_refused_as_nothing_would_hold_it_to_them() -> None:
    rules = {"git": [{"text": "x", "tools": ["git_commit"]}]}
    config = RunConfig.model_validate({"sources": ["s.json"], "simulation": {"rules": rules}})
    with pytest.raises(ConfigError, match="'git' is a live server; rules bind simulated ones alone"):
        check_servers(config, {"git", "desk"}, {"git"})

"""MCP client configurations, right and wrong."""

import json
from pathlib import Path

import pytest

from tdscaling.catalog.mcp import direct_launch, read_mcp_config
from tdscaling.errors import ConfigError


def written(folder: Path, servers: object) -> Path:
    file = folder / "servers.json"
    file.write_text(json.dumps({"mcpServers": servers}), encoding="utf-8")
    return file


@pytest.mark.requirement("environments.config")
def test_commands_variables_and_workspace_are_filled_in(tmp_path: Path) -> None:
    file = written(
        tmp_path,
        {
            "git": {
                "command": "bin/git-server",
                "args": ["--repo", "{workspace}/r", "${MODE:-fast}"],
                "env": {"K": "${KEY}"},
            },
            "remote": {"url": "https://tools.example.com/mcp", "headers": {"Authorization": "Bearer ${KEY}"}},
            "off": {"command": "x", "disabled": True, "autoApprove": []},
        },
    )  # fmt: skip
    specs = read_mcp_config(file, {"KEY": "k1"})
    assert list(specs) == ["git", "remote"]
    assert specs["git"].command == str(tmp_path / "bin/git-server")
    assert specs["remote"].headers == {"Authorization": "Bearer k1"}
    launch = direct_launch(specs["git"], Path("/slot/workspace"), Path("/slot/home"))
    assert launch.argv[1:] == ("--repo", "/slot/workspace/r", "fast")
    assert launch.env["K"] == "k1"
    assert launch.env["HOME"] == "/slot/home"


@pytest.mark.requirement("environments.config")
@pytest.mark.parametrize(
    ("servers", "words"),
    [
        ([], 'no "mcpServers" object'),
        ({"a": {}}, 'mcpServers.a: needs either "command" or "url"'),
        ({"a": {"command": "x", "url": "y"}}, 'mcpServers.a: needs either "command" or "url"'),
        ({"a": {"comand": "x"}}, "mcpServers.a.comand: unknown key; did you mean 'command'?"),
        ({"a": {"command": "x", "args": "y"}}, "mcpServers.a.args: must be a list of strings"),
        ({"a": {"command": "x", "env": {"P": 1}}}, "mcpServers.a.env: must be an object with string values"),
        ({"a": {"command": "x", "env": {"P": "${NOPE}"}}}, "variable NOPE is not set"),
        ({"a": {"url": "x", "type": "sse"}}, "mcpServers.a.type: 'sse' is not supported"),
        ({"a": "x"}, "mcpServers.a: must be an object"),
    ],
)  # fmt: skip
def test_a_mistake_is_named_with_file_and_key(servers: object, words: str, tmp_path: Path) -> None:
    file = written(tmp_path, servers)
    with pytest.raises(ConfigError) as caught:
        read_mcp_config(file, {})
    assert str(file) in str(caught.value)
    assert words in str(caught.value)
    assert "\n" not in str(caught.value)


@pytest.mark.requirement("environments.config")
@pytest.mark.parametrize(("content", "words"), [(b"{", "line 1: not valid JSON"), (b"\xff", "not UTF-8")])
def test_a_file_that_is_no_json_is_named(content: bytes, words: str, tmp_path: Path) -> None:
    file = tmp_path / "servers.json"
    file.write_bytes(content)
    with pytest.raises(ConfigError, match=words):
        read_mcp_config(file, {})
    with pytest.raises(ConfigError, match="can't be read"):
        read_mcp_config(tmp_path / "absent.json", {})

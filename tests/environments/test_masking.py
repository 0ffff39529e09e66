"""The value of a user's variable goes to its server, and comes back from it nowhere."""

import json
import sys
from base64 import b64encode, urlsafe_b64encode
from pathlib import Path
from urllib.parse import quote, quote_plus

import pytest
from tests.environments.fakes import FAKE, opened

from tdscaling.catalog.mcp import Limits, ServerSpec, connect, read_mcp_config
from tdscaling.catalog.mcp.masking import Masking
from tdscaling.errors import ServerError

TOKEN = 'ghp_"4f9a/8b7c'
pytestmark = pytest.mark.requirement("environments.secrets")

TELLING = """
import json, os, sys
token = os.environ["TOKEN"]
def send(asked, **answer):
    print(json.dumps({"jsonrpc": "2.0", "id": asked["id"], **answer}), flush=True)
def call(asked, name):
    if name == "argue":
        send(asked, result={"content": [{"type": "text", "text": sys.argv[2]}]})
    elif name == "refuse":
        send(asked, error={"code": -32602, "message": "bad token " + token})
    elif name == "crash":
        sys.exit("x" * 290 + token)
    else:
        content = [{"type": "text", "text": json.dumps({"token": token})}, {"type": "text", "text": "x" * 60 + token}]
        send(asked, result={"content": content, "structuredContent": {"token": token, token: [1]}})
if "at once" in sys.argv:
    sys.exit(token)
for line in sys.stdin:
    asked = json.loads(line)
    if asked["method"] == "initialize":
        about = {"serverInfo": {"name": token, "version": "1"}, "instructions": "Use " + token}
        send(asked, result={"protocolVersion": "2025-06-18", "capabilities": {"tools": {}}, **about})
    elif asked["method"] == "tools/list":
        schema = {"type": "object", "properties": {"token": {"type": "integer"}}}
        tool = {"description": token, "inputSchema": {"type": "object"}, "outputSchema": schema}
        tools = [{"name": name, **tool} for name in ("tell", "refuse", "crash", "argue")]
        send(asked, result={"tools": tools})
    elif asked["method"] == "tools/call":
        call(asked, asked["params"]["name"])
"""


def telling(folder: Path, *arguments: str) -> ServerSpec:
    """A server that says its token wherever a server says anything."""
    server, config = folder / "telling.py", folder / "servers.json"
    server.write_text(TELLING, encoding="utf-8")
    entry = {"command": sys.executable, "args": [str(server), *arguments], "env": {"TOKEN": "${TOKEN}"}}
    config.write_text(json.dumps({"mcpServers": {"s": entry}}), encoding="utf-8")
    return read_mcp_config(config, {"TOKEN": TOKEN, "ARGUED": "argued-8b7c"})["s"]


async def test_results_listings_and_notices_hold_no_value_of_a_variable(tmp_path: Path) -> None:
    async with opened(telling(tmp_path), tmp_path, Limits(text_chars=100)) as connection:
        tools = await connection.raw_tools()
        result = await connection.call("tell", {}, 20)
        refused = await connection.call("refuse", {}, 20)
        assert (connection.description, connection.version) == ("Use [key]", "[key] 1")
        notices = connection.notices
    assert result.structured == {"token": "[key]", "[key]": [1]}
    assert result.content == json.dumps({"token": "[key]"}) + "\n" + "x" * 60 + "[key]"
    assert refused.content == "bad token [key]"
    assert {tool["description"] for tool in tools} == {"[key]"}
    assert len(notices) == 1
    assert "'[key]'" in notices[0]


async def test_a_value_given_as_an_argument_is_not_told_either(tmp_path: Path) -> None:
    async with opened(telling(tmp_path, "--key", "Bearer ${ARGUED}"), tmp_path) as connection:
        assert (await connection.call("argue", {}, 20)).content == "Bearer [key]"


@pytest.mark.parametrize("token", [TOKEN, "hush-hush", "ab+c/d?e~f=12", "schlüssel-9"])
def test_a_value_is_known_in_the_spellings_of_addresses_and_of_passwords(token: str) -> None:
    masking = Masking([token])
    for quoted in (quote(token), quote(token, safe=""), quote_plus(token), quote(token, safe="").lower()):
        assert masking.text(f"GET /?key={quoted}&page=1") == "GET /?key=[key]&page=1"
    for user in ("", "u", "us", "user", "u:"):
        for encode in (b64encode, urlsafe_b64encode):
            said = masking.text(f"Basic {encode(f'{user}{token}!'.encode()).decode()} is wrong")
            before, after = said.removeprefix("Basic ").removesuffix(" is wrong").split("[key]")
            assert len(before) <= len(user) * 8 / 6 + 1
            assert len(after.rstrip("=")) <= 3


def test_what_masks_leaves_words_alone() -> None:
    assert Masking(["us-east-1"]).text("us-west-1, dXMtd2VzdC0x") == "us-west-1, dXMtd2VzdC0x"


async def test_a_fault_holds_no_part_of_a_value(tmp_path: Path) -> None:
    async with opened(telling(tmp_path), tmp_path) as connection:
        result = await connection.call("crash", {}, 20)
    assert result.fault
    assert "[key]" in result.content
    assert TOKEN[:4] not in result.content


async def test_a_server_that_does_not_start_tells_no_value(tmp_path: Path) -> None:
    with pytest.raises(ServerError) as caught:
        await connect(telling(tmp_path, "at once"), workspace=tmp_path, within=20)
    assert str(caught.value) == "server 's' did not start: [key]"


def test_masked_are_values_of_variables_that_may_be_secret(tmp_path: Path) -> None:
    config = tmp_path / "servers.json"
    env = {"A": "${TOKEN}", "B": "${SHORT}", "C": "${HOME}/x", "D": "literal value", "E": "${NONE:-by default}"}
    headers = {"Authorization": "Bearer ${OTHER}"}
    servers = {"s": {"command": "x", "args": ["${MODE}"], "env": env, "headers": headers}, "t": {"command": str(FAKE)}}
    config.write_text(json.dumps({"mcpServers": servers}), encoding="utf-8")
    environ = {"TOKEN": TOKEN, "SHORT": "prod", "HOME": str(tmp_path), "MODE": "some mode", "OTHER": "other token"}
    specs = read_mcp_config(config, environ)
    assert specs["s"].secrets == (TOKEN, "other token")
    assert specs["t"].secrets == ()


@pytest.mark.parametrize(("url", "masked"), [
    ("https://${HOST}/${ID}/mcp?key=${TOKEN}", ("id-12345678", TOKEN)),
    ("https://user:${TOKEN}@mcp.example.com/${WORD}", (TOKEN,)),
    ("${URL}", ("https://mcp.example.com/s/4f9a8b7c/mcp",)),
    ("https://${HOST}:8000/${SHORT}", ()),
])  # fmt: skip
def test_in_an_address_and_arguments_masked_is_what_names_no_host_and_is_no_word(
    tmp_path: Path, url: str, masked: tuple[str, ...]
) -> None:
    config = tmp_path / "servers.json"
    environ = {"HOST": "mcp-1.example.com", "ID": "id-12345678", "TOKEN": TOKEN, "WORD": "customers", "SHORT": "v2"}
    environ |= {
        "URL": "https://mcp.example.com/s/4f9a8b7c/mcp",
        "LONG": "/" + "Aa1" * 100,
        "NAMES": "main-Customers_DB",
    }
    args = ["--db", "${WORD}", "--names=${NAMES}", "--key=${ID}", "${LONG}"]
    servers = {"u": {"url": url}, "a": {"command": "x", "args": args}}
    config.write_text(json.dumps({"mcpServers": servers}), encoding="utf-8")
    specs = read_mcp_config(config, environ)
    assert specs["u"].secrets == masked
    assert specs["a"].secrets == (environ["ID"], environ["LONG"])

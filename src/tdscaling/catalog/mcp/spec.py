"""The usual MCP client configuration: `{"mcpServers": {"git": {"command": …}, "remote": {"url": …}}}`."""

import difflib
import json
import os
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import cast
from urllib.parse import urlsplit

from tdscaling.errors import ConfigError
from tdscaling.types import JsonValue
from tdscaling.values.masks import SHORTEST

VARIABLE = re.compile(r"\$\{([A-Za-z_][A-Za-z0-9_]*)(?::-([^}]*))?\}")
WORDS = re.compile(r"[^\W\d_]{1,20}(?:[-_. ][^\W\d_]{1,20})*")
"""What names a database, a mode or a place rather than a secret."""
KEYS = ("command", "args", "env", "cwd", "url", "headers", "type", "disabled")
TRANSPORTS = {"stdio", "http", "streamable-http", "streamableHttp", "streamable_http"}


@dataclass(frozen=True, slots=True, kw_only=True)
class ServerSpec:
    """How one server is reached: by `command` (stdio) or by `url` (streamable HTTP).

    `args`, `env` and `cwd` may hold `{workspace}`; an empty `cwd` is the workspace. `secrets` are the values of
    variables in `args`, `env`, `url` and `headers` that may be secret, which nothing that the server says may tell.
    """

    name: str
    command: str = ""
    args: tuple[str, ...] = ()
    env: Mapping[str, str] = field(default_factory=dict[str, str])
    cwd: str = ""
    url: str = ""
    headers: Mapping[str, str] = field(default_factory=dict[str, str])
    secrets: tuple[str, ...] = field(default=(), repr=False)


@dataclass(frozen=True, slots=True)
class _Entry:
    """One server of the file, read key by key so that an error can name file, server and key."""

    path: Path
    server: str
    body: Mapping[str, JsonValue]
    environ: Mapping[str, str]
    secrets: dict[str, None] = field(default_factory=dict[str, None])

    def wrong(self, key: str, reason: str) -> ConfigError:
        return ConfigError(f"{self.path}: mcpServers.{self.server}{'.' if key else ''}{key}: {reason}")

    def text(self, key: str) -> str:
        value = self.body.get(key, "")
        if not isinstance(value, str):
            raise self.wrong(key, "must be a string")
        return self.expanded(key, value)

    def texts(self, key: str) -> tuple[str, ...]:
        value = self.body.get(key, [])
        if not isinstance(value, list) or not all(isinstance(item, str) for item in value):
            raise self.wrong(key, "must be a list of strings")
        return tuple(self.expanded(key, cast("str", item)) for item in value)

    def table(self, key: str) -> dict[str, str]:
        value = self.body.get(key, {})
        if not isinstance(value, dict) or not all(isinstance(item, str) for item in value.values()):
            raise self.wrong(key, "must be an object with string values")
        return {name: self.expanded(f"{key}.{name}", cast("str", item)) for name, item in value.items()}

    def expanded(self, key: str, text: str) -> str:
        def value(match: re.Match[str]) -> str:
            name: str = match.group(1)
            default: str | None = match.group(2)
            found = self.environ.get(name, default)
            if found is None:
                raise self.wrong(key, f"the environment variable {name} is not set")
            if name in self.environ and _is_secret(found):
                given[found] = None
            return found

        given: dict[str, None] = {}
        filled = VARIABLE.sub(value, text)
        if key.startswith(("env.", "headers.")):
            self.secrets.update(given)
        elif key in ("args", "url"):
            host = _host(filled) if key == "url" else ""
            self.secrets.update((one, None) for one in given if one.lower() not in host and not WORDS.fullmatch(one))
        return filled


def read_mcp_config(path: Path, environ: Mapping[str, str] | None = None) -> dict[str, ServerSpec]:
    """The servers of an MCP client configuration, by name, in file order; disabled ones are left out.

    `${VAR}` and `${VAR:-default}` come from `environ` (the process's own by default). A relative command that
    has a slash is looked up from the file's folder. Raises ConfigError naming file and key.
    """
    return parse_mcp_config(path, _load(path), os.environ if environ is None else environ)


def parse_mcp_config(path: Path, document: JsonValue, environ: Mapping[str, str]) -> dict[str, ServerSpec]:
    """As `read_mcp_config`, of a document already read; `path` is named in errors."""
    if not isinstance(document, Mapping) or not isinstance(servers := document.get("mcpServers"), Mapping):
        raise ConfigError(f'{path}: no "mcpServers" object; expected {{"mcpServers": {{"name": {{"command": …}}}}}}')
    specs: dict[str, ServerSpec] = {}
    for name, body in servers.items():
        if not isinstance(body, Mapping):
            raise ConfigError(f"{path}: mcpServers.{name}: must be an object")
        entry = _Entry(path, name, body, environ)
        _check_keys(entry)
        if body.get("disabled") is not True:
            specs[name] = _spec(entry)
    return specs


def _load(path: Path) -> JsonValue:
    try:
        return cast("JsonValue", json.loads(path.read_text(encoding="utf-8")))
    except OSError as exc:
        raise ConfigError(f"{path}: can't be read: {exc.strerror}") from exc
    except UnicodeDecodeError as exc:
        raise ConfigError(f"{path}: is not UTF-8 text") from exc
    except json.JSONDecodeError as exc:
        raise ConfigError(f"{path}: line {exc.lineno}: not valid JSON: {exc.msg}") from exc


def _check_keys(entry: _Entry) -> None:
    """Clients put keys of their own there, so only a near miss of a known key is an error."""
    for key in entry.body:
        near = [] if key in KEYS else difflib.get_close_matches(key, KEYS, n=1, cutoff=0.8)
        if near and near[0] not in entry.body:
            raise entry.wrong(key, f"unknown key; did you mean {near[0]!r}?")


def _spec(entry: _Entry) -> ServerSpec:
    command, url = entry.text("command"), entry.text("url")
    if bool(command) == bool(url):
        raise entry.wrong("", 'needs either "command" or "url"')
    transport = entry.text("type")
    if transport and transport not in TRANSPORTS:
        raise entry.wrong("type", f"{transport!r} is not supported; use stdio or streamable-http")
    if "/" in command and not command.startswith("/"):
        command = os.path.normpath(entry.path.absolute().parent / command)
    return ServerSpec(
        name=entry.server,
        command=command,
        args=entry.texts("args"),
        env=entry.table("env"),
        cwd=entry.text("cwd"),
        url=url,
        headers=entry.table("headers"),
        secrets=tuple(entry.secrets),
    )


def _is_secret(value: str) -> bool:
    """Whether a variable may hold one: it is long enough, and no path of this machine."""
    return len(value) >= SHORTEST and not (value.startswith("/") and os.path.exists(value))  # noqa: PTH110 any length


def _host(url: str) -> str:
    """The host and the port of an address."""
    try:
        return urlsplit(url).netloc.rpartition("@")[2].lower()
    except ValueError:
        return ""

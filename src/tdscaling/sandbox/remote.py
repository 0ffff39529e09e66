"""A remote back end: sandboxes of a service that speaks E2B's protocol, each a virtual machine of its own.

By name only, since code and files leave this machine. The key is read from the environment and kept nowhere.
"""

import base64
import json
import os
import re
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping
from dataclasses import replace
from http.client import HTTPMessage
from typing import IO, cast

from tdscaling.config.sandbox import SandboxLimits
from tdscaling.errors import SandboxError
from tdscaling.sandbox.protocol import TIMED_OUT, Ability, CodeResult, ToolHandler
from tdscaling.sandbox.session import MIB
from tdscaling.types import JsonObject, JsonValue

KEY = "E2B_API_KEY"
NAME = re.compile(r"[A-Za-z0-9.-]{1,200}")
PORT = 49999
"""Where a sandbox of the service runs code."""
MARGIN = 15.0
CHUNK = 384 << 10
SHELL = (
    "import subprocess as _s, sys as _y\n"
    "_r = _s.run(['/bin/bash', '-c', {command!r}], capture_output=True, text=True)\n"
    "print(_r.stdout, end='')\nprint(_r.stderr, end='', file=_y.stderr)\n_r.returncode"
)
PUT = (
    "import base64 as _b, os as _o\n_p = _o.path.join('/workspace', {path!r})\n"
    "_o.makedirs(_o.path.dirname(_p), exist_ok=True)\nopen(_p, {mode!r}).write(_b.b64decode({data!r}))"
)
EXPORT = (
    "import base64 as _b, os as _o\n_p = _o.path.realpath(_o.path.join('/workspace', {path!r}))\n"
    "assert _p.startswith('/workspace/')\n_f = open(_p, 'rb')\n_f.seek({at})\n"
    "print(_b.b64encode(_f.read({size})).decode(), end='')"
)
REMOVE = "import os as _o\n_p = _o.path.join('/workspace', {path!r})\n_o.path.lexists(_p) and _o.unlink(_p)"
READY = "import os as _o\n_o.makedirs('/workspace', exist_ok=True)\n_o.chdir('/workspace')"


def missing() -> str:
    """Why it can't be tried, "" when it can."""
    return "" if os.environ.get(KEY) else f"no key: set {KEY} in the environment"


class RemoteSandbox:
    """Sandboxes of the service at `url`. Raises SandboxError when there is no key."""

    name = "remote"
    abilities: frozenset[Ability] = frozenset({"shell", "files"})

    def __init__(self, limits: SandboxLimits, url: str, template: str) -> None:
        if trouble := missing():
            raise SandboxError(trouble)
        self._limits, self._url, self._template = limits, url.rstrip("/"), template

    def open(self) -> "RemoteSession":
        asked: JsonObject = {"templateID": self._template, "timeout": 3600, "allow_internet_access": False}
        made = list(answers(f"{self._url}/sandboxes", "POST", asked, 60.0, _key()))
        name = made[0].get("sandboxID") if made else None
        if not isinstance(name, str) or not NAME.fullmatch(name):
            raise SandboxError("the remote service gave no sandbox")
        domain, token = made[0].get("domain"), made[0].get("envdAccessToken")
        named = isinstance(domain, str) and NAME.fullmatch(domain) is not None
        place = f"https://{PORT}-{name}.{domain}" if named else f"{self._url}/{name}"
        return RemoteSession(place, f"{self._url}/sandboxes/{name}", self._limits, str(token or ""))

    def provenance(self) -> JsonObject:
        limits = self._limits.model_dump(mode="json")
        return {"backend": self.name, "version": f"{self._url} {self._template}", "limits": limits}

    def close(self) -> None:
        return


class RemoteSession:
    """One sandbox of the service; all that it says is untrusted text."""

    def __init__(self, place: str, handle: str, limits: SandboxLimits, token: str) -> None:
        self._place, self._handle, self._limits = place, handle, limits
        self._headers = {"X-Access-Token": token} if token else {}
        self._closed = False
        self._run(READY, 30.0)

    def run_python(self, code: str, timeout: float | None = None, tools: ToolHandler | None = None) -> CodeResult:
        """No tool can be called from there."""
        return self._run(code, self._limits.wall_seconds if timeout is None else timeout)

    def run_shell(self, command: str, timeout: float | None = None) -> CodeResult:
        done = self.run_python(SHELL.format(command=command), timeout)
        status = int(done.value) & 0xFF if done.value and done.value.isdecimal() else done.status or 1
        return replace(done, status=status, value=None)

    def put(self, path: str, data: bytes) -> None:
        for at in range(0, max(1, len(data)), CHUNK):
            piece = base64.b64encode(data[at : at + CHUNK]).decode()
            self._checked(PUT.format(path=path, mode="ab" if at else "wb", data=piece))

    def remove(self, path: str) -> None:
        self._checked(REMOVE.format(path=path))

    def export(self, path: str) -> bytes:
        parts: list[bytes] = []
        while not parts or len(parts[-1]) == CHUNK:
            code = EXPORT.format(path=path, at=len(parts) * CHUNK, size=CHUNK)
            parts.append(_decoded(self._checked(code, 2 * CHUNK).stdout))
            if len(parts) * CHUNK > (self._limits.export_mib + 1) * MIB:
                raise SandboxError(f"{path}: over the limit of {self._limits.export_mib} MiB")
        return b"".join(parts)

    def close(self) -> None:
        if not self._closed:
            self._closed = True
            list(answers(self._handle, "DELETE", None, 30.0, _key()))

    def _checked(self, code: str, cap: int | None = None) -> CodeResult:
        done = self._run(code, 60.0, cap)
        if not done.ok:
            raise SandboxError(f"the remote sandbox refused: {done.stderr.strip().splitlines()[-1:]}")
        return done

    def _run(self, code: str, timeout: float, cap: int | None = None) -> CodeResult:
        if self._closed:
            raise SandboxError("the session is closed")
        out: dict[str, list[str]] = {"stdout": [], "stderr": []}
        value, failed, late = None, 0, False
        asked: JsonObject = {"code": code, "timeout": timeout}
        for event in answers(f"{self._place}/execute", "POST", asked, timeout + MARGIN, self._headers):
            kind, text = event.get("type"), str(event.get("text", ""))
            if kind in ("stdout", "stderr"):
                out[str(kind)].append(text)
            elif kind == "result" and event.get("is_main_result", True):
                value = text
            elif kind == "error":
                failed, late = 1, "Timeout" in str(event.get("name"))
                out["stderr"].append(str(event.get("traceback") or event.get("value") or ""))
        cap = self._limits.output_kib << 10 if cap is None else cap
        texts = {name: "".join(parts) for name, parts in out.items()}
        return CodeResult(
            stdout=texts["stdout"][:cap],
            stderr=texts["stderr"][:cap],
            status=failed,
            value=value,
            limits=(TIMED_OUT,) if late else (),
            truncated=any(len(text) > cap for text in texts.values()),
        )


def _decoded(text: str) -> bytes:
    try:
        return base64.b64decode(text, validate=True)
    except ValueError:
        raise SandboxError("the remote sandbox gave no file") from None


class _Here(urllib.request.HTTPRedirectHandler):
    """Nobody is followed elsewhere: a redirect would carry the key along."""

    def redirect_request(
        self, req: urllib.request.Request, fp: IO[bytes], code: int, msg: str, headers: HTTPMessage, newurl: str
    ) -> None:
        return None


def _key() -> dict[str, str]:
    return {"X-API-Key": os.environ.get(KEY, "")}


def answers(
    url: str, method: str, body: JsonObject | None, timeout: float, headers: Mapping[str, str]
) -> Iterator[JsonObject]:
    """The JSON objects of an answer, one a line. Raises SandboxError."""
    if not url.startswith(("https://", "http://127.0.0.1:", "http://localhost:")):
        raise SandboxError(f"{url}: a remote sandbox needs https")
    data = None if body is None else json.dumps(body).encode()
    request = urllib.request.Request(url, data, {**headers, "Content-Type": "application/json"}, method=method)
    left = 64 * MIB
    try:
        with urllib.request.build_opener(_Here).open(request, timeout=timeout) as reply:
            while line := reply.readline(left + 1):
                left -= len(line)
                if left < 0:
                    raise SandboxError("the remote service answers without end")
                if line.strip():
                    value = cast("JsonValue", json.loads(line))
                    yield value if isinstance(value, Mapping) else {}
    except urllib.error.HTTPError as exc:
        raise SandboxError(f"the remote service answered {exc.code}") from None
    except (OSError, ValueError) as exc:
        raise SandboxError(f"the remote service failed: {exc}") from None

"""The remote back end against a service on this machine that speaks E2B's protocol and runs code in bubblewrap."""

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from tdscaling.config.sandbox import SandboxLimits
from tdscaling.errors import SandboxError
from tdscaling.sandbox import remote
from tdscaling.sandbox.bwrap import BwrapSandbox
from tdscaling.sandbox.protocol import SandboxSession
from tdscaling.sandbox.remote import KEY, RemoteSandbox

pytestmark = pytest.mark.sandbox
LIMITS = SandboxLimits(wall_seconds=5, memory_mib=256, disk_mib=64, output_kib=1)


class Service(ThreadingHTTPServer):
    """Sandboxes by name, and every request with the headers that matter."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.backend = BwrapSandbox(LIMITS.model_copy(update={"output_kib": 1024}))
        self.sessions: dict[str, SandboxSession] = {}
        self.seen: list[tuple[str, str, str | None, str | None]] = []
        self.answer = 200


class Handler(BaseHTTPRequestHandler):
    server: Service

    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        self.note()
        if self.server.answer != 200:
            self.reply([], self.server.answer)
        elif self.path == "/sandboxes":
            assert body["allow_internet_access"] is False
            self.server.sessions["box1"] = self.server.backend.open()
            self.reply([{"sandboxID": "box1", "envdAccessToken": "token-of-box1"}])
        else:
            self.reply(list(self.events(self.server.sessions[self.path.split("/")[1]], body)))

    def events(self, session: SandboxSession, body: dict[str, object]) -> Iterator[dict[str, object]]:
        done = session.run_python(str(body["code"]), float(str(body["timeout"])))
        yield {"type": "stdout", "text": done.stdout}
        if done.value is not None:
            yield {"type": "result", "text": done.value, "is_main_result": True}
        if done.limits:
            yield {"type": "error", "name": "TimeoutError", "traceback": "too late"}
        elif done.status:
            yield {"type": "error", "name": "Error", "traceback": done.stderr}
        yield {"type": "end_of_execution"}

    def do_DELETE(self) -> None:
        self.note()
        self.server.sessions.pop(self.path.split("/")[2]).close()
        self.reply([])

    def note(self) -> None:
        key, token = self.headers.get("X-API-Key"), self.headers.get("X-Access-Token")
        self.server.seen.append((self.command, self.path, key, token))

    def reply(self, lines: list[dict[str, object]], status: int = 200) -> None:
        data = "".join(json.dumps(line) + "\n" for line in lines).encode()
        self.send_response(status)
        if status == 302:
            self.send_header("Location", f"http://127.0.0.1:{self.server.server_port}/stolen")
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 the base class's name
        return


@pytest.fixture
def service(monkeypatch: pytest.MonkeyPatch) -> Iterator[Service]:
    monkeypatch.setenv(KEY, "key-of-the-user")
    opened = Service()
    thread = threading.Thread(target=opened.serve_forever, args=(0.01,))
    thread.start()
    yield opened
    opened.shutdown()
    thread.join()
    opened.server_close()
    opened.backend.close()


def sandbox(service: Service) -> RemoteSandbox:
    return RemoteSandbox(LIMITS, f"http://127.0.0.1:{service.server_port}/", "template")


@pytest.mark.requirement("sandbox.remote")
def test_a_remote_session_runs_python_shell_and_files(service: Service) -> None:
    session = sandbox(service).open()
    assert session.run_python("x = 6").ok
    assert session.run_python("print('hi'); x * 7").value == "42"
    assert session.run_shell("echo out; exit 3").status == 3
    data = bytes(range(256)) * 9000
    session.put("deep/a.bin", data)
    assert session.export("deep/a.bin") == data
    session.run_python("import os; os.chdir('/tmp')")
    session.remove("deep/a.bin")
    with pytest.raises(SandboxError, match="refused"):
        session.export("deep/a.bin")
    assert not session.run_python("1 / 0").ok
    assert session.run_python("print('x' * 5000)").truncated
    assert session.run_shell("head -c 5000 /dev/zero | tr '\\0' x").truncated
    assert session.run_python("while True: pass", 0.3).limits == ("time",)
    session.close()
    session.close()
    assert service.sessions == {}
    with pytest.raises(SandboxError, match="closed"):
        session.run_python("1")


@pytest.mark.requirement("sandbox.remote")
def test_the_key_goes_to_the_service_alone_and_is_kept_nowhere(service: Service) -> None:
    backend = sandbox(service)
    session = backend.open()
    session.run_python("1")
    session.close()
    assert [seen for seen in service.seen if seen[1].endswith("/execute") and seen[2] is not None] == []
    assert {seen[2] for seen in service.seen if "/sandboxes" in seen[1]} == {"key-of-the-user"}
    assert {seen[3] for seen in service.seen if seen[1].endswith("/execute")} == {"token-of-box1"}
    assert "key-of-the-user" not in json.dumps(backend.provenance()) + repr(vars(backend)) + repr(vars(session))


@pytest.mark.requirement("sandbox.remote")
@pytest.mark.parametrize("status", [302, 401, 500])
def test_what_the_service_refuses_is_said_and_no_redirect_is_followed(service: Service, status: int) -> None:
    service.answer = status
    with pytest.raises(SandboxError, match=str(status)):
        sandbox(service).open()
    assert not [seen for seen in service.seen if "stolen" in seen[1]]


@pytest.mark.requirement("sandbox.remote", "sandbox.tiers")
def test_without_a_key_or_over_plain_http_there_is_no_remote_sandbox(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(KEY, raising=False)
    assert KEY in remote.missing()
    with pytest.raises(SandboxError, match=KEY):
        RemoteSandbox(LIMITS, "https://example.com", "t")
    monkeypatch.setenv(KEY, "k")
    with pytest.raises(SandboxError, match="https"):
        RemoteSandbox(LIMITS, "http://example.com", "t").open()

"""Runs sandboxes for the tests as the user it was started as; frames in, frames out."""

import base64
import dataclasses
import os
from pathlib import Path
from typing import Any

from tests.abuse.host import LocalHost, Shared

from tdscaling.errors import SandboxError
from tdscaling.sandbox.inside.files import FileRefusedError
from tdscaling.sandbox.inside.frames import Frame, Reader, pack
from tdscaling.sandbox.protocol import SandboxSession


class Driver:
    def __init__(self) -> None:
        self.host = LocalHost()
        self.session: SandboxSession | None = None
        self.sharing: Shared | None = None

    def answer(self, frame: Frame) -> Any:
        method = frame.pop("method")
        if method == "open":
            self.session = self.host.open(**frame["limits"])
            return None
        if method == "serve":
            return dataclasses.asdict(self.host.serve(frame["argv"], Path(frame["workspace"]), **frame["options"]))
        if method == "judge":
            files = {path: base64.b64decode(data) for path, data in frame["files"].items()}
            return dataclasses.asdict(self.host.judge(files, frame["tests"], frame["timeout"]))
        if method in ("state", "reset"):
            return getattr(self.host, method)(**{name: Path(path) for name, path in frame.items()})
        assert self.session is not None
        if method == "serving":
            return dataclasses.asdict(self.host.serving(self.session, **frame))
        if method == "share":
            self.sharing = self.host.share(self.session, Path(frame["workspace"]))
            return None
        if method in ("refresh", "write_back"):
            return getattr(self.sharing, method)(**frame)
        if method == "put":
            return self.session.put(frame["path"], base64.b64decode(frame["data"]))
        if method == "export":
            return base64.b64encode(self.session.export(frame["path"])).decode()
        value = getattr(self.session, method)(**frame)
        return dataclasses.asdict(value) if value is not None else None


def main() -> None:
    driver, reader = Driver(), Reader()
    while data := os.read(0, 1 << 20):
        for frame in reader.feed(data):
            try:
                reply: Frame = {"value": driver.answer(frame)}
            except (SandboxError, FileRefusedError) as exc:
                reply = {"error": str(exc)}
            except Exception as exc:  # noqa: BLE001 the test must see what went wrong here
                reply = {"error": repr(exc)}
            os.write(1, pack(reply))
    driver.host.close()


if __name__ == "__main__":
    main()

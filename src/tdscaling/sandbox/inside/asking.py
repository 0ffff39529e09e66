"""Calls of the episode's tools that running code asks the host for: one at a time, relayed by pid 1.

What the interpreter sends is untrusted: only a name and an object of arguments pass, and only where the host said
that this call may ask. While the host is at work the call's time stands still.
"""

import os
import time

from .frames import Frame, FrameError, Reader, pack, send

MAX_ASK = 256 << 10
"""Bytes of one request."""


class Host:
    """The host's two pipes, as pid 1 holds them."""

    def __init__(self, requests: int, answers: int) -> None:
        self.requests = requests
        self.answers = answers
        self.reader = Reader()

    def send(self, frame: Frame) -> None:
        send(self.answers, pack(frame))


class Asking:
    """What one call has asked. `allowed`: whether the host takes requests of it."""

    def __init__(self, host: Host, allowed: bool) -> None:
        self._host = host
        self._allowed = allowed
        self._token: int | None = None
        self._since = 0.0
        self.lost = False

    @property
    def waiting(self) -> bool:
        """Whether the host is at work for the code."""
        return self._token is not None

    @property
    def requests(self) -> int:
        return self._host.requests

    def ask(self, frame: Frame) -> None:
        """Relays a request. One that comes while another is at work, or that is not allowed, is dropped; the code
        that forged it waits in vain. Raises FrameError for one that is malformed."""
        if self.waiting or not self._allowed:
            return
        asked: Frame = frame["ask"]
        if type(asked) is not dict:
            raise FrameError("a request that is no object")
        name, arguments, token = asked.get("name"), asked.get("arguments"), frame.get("token")
        if type(name) is not str or type(arguments) is not dict or type(token) is not int:
            raise FrameError("a request without a name, arguments or a token")
        relayed: Frame = {"ask": {"name": name, "arguments": arguments}}
        try:
            if len(pack(relayed)) > MAX_ASK:
                raise FrameError("a request that is too large")
            self._host.send(relayed)
        except RecursionError as exc:
            raise FrameError("a request that is too deep") from exc
        self._token, self._since = token, time.monotonic()

    def answers(self) -> tuple[bytes, float]:
        """What to hand to the interpreter of what the host has sent, and the seconds it took. `lost`: it is gone."""
        data = os.read(self._host.requests, 1 << 20)
        if not data:
            self.lost = True
            return b"", 0.0
        for frame in self._host.reader.feed(data):
            if frame.get("op") == "answer" and self._token is not None:
                reply = {key: frame[key] for key in ("value", "error") if key in frame}
                token, self._token = self._token, None
                return pack({"token": token, **reply}), time.monotonic() - self._since
        return b"", 0.0

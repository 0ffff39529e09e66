"""Frames: a 4-byte big-endian length, then that many bytes of JSON, at most `CAP`."""

import _json
import os

CAP = 8 << 20
CHUNK = 3 << 20
"""Bytes of a file that one frame carries (as base64)."""

TYPE_CHECKING = False
if TYPE_CHECKING:  # the typing module itself would cost every cold start six milliseconds
    from typing import Any

    Frame = dict[str, Any]
else:
    Frame = dict


_KNOWN_ERRORS = (ValueError, RecursionError, StopIteration)


class _Reading:
    """What `_json` asks of a decoder. The package `json` would import `re`, a tenth of every cold start."""

    strict = True
    object_hook = object_pairs_hook = None
    parse_float, parse_int = float, int
    parse_constant = {"NaN": float("nan"), "Infinity": float("inf"), "-Infinity": float("-inf")}.__getitem__


def _refuse(value: object) -> object:
    raise TypeError(f"{type(value).__name__} is no JSON")


if TYPE_CHECKING:

    def _scan(text: str, at: int) -> "tuple[Any, int]": ...
else:
    _scan = _json.make_scanner(_Reading)
_encode = _json.make_encoder({}, _refuse, _json.encode_basestring_ascii, None, ":", ",", False, False, True)


class FrameError(ValueError):
    """The other end does not speak the protocol."""


def pack(frame: Frame) -> bytes:
    """
    >>> pack({"a": 1})
    b'\\x00\\x00\\x00\\x07{"a":1}'
    """
    body = "".join(_encode(frame, 0)).encode()
    if len(body) > CAP:
        raise FrameError(f"a frame of {len(body)} bytes is over the cap of {CAP}")
    return len(body).to_bytes(4, "big") + body


def parse(body: bytes) -> Frame:
    try:
        text = body.decode("utf-8", "surrogatepass")
        found: tuple[Frame, int] = _scan(text, 0)
    except _KNOWN_ERRORS as exc:
        raise FrameError("a frame is not JSON") from exc
    if type(found[0]) is not dict or found[1] != len(text):
        raise FrameError("a frame is not an object")
    return found[0]


def send(fd: int, data: bytes) -> None:
    """Writes all of it to a pipe, however little it takes at a time."""
    left = memoryview(data)
    while left:
        left = left[os.write(fd, left) :]


class Reader:
    """Cuts a stream of bytes into frames, however it arrives.

    >>> reader = Reader(); data = pack({"a": 1}) + pack({})
    >>> reader.feed(data[:5]), reader.feed(data[5:])
    ([], [{'a': 1}, {}])
    """

    def __init__(self, cap: int = CAP) -> None:
        self._cap = cap
        self._buffer = bytearray()

    def feed(self, data: bytes) -> list[Frame]:
        """The frames that `data` completes. Raises FrameError; the stream is then lost."""
        self._buffer += data
        frames: list[Frame] = []
        while len(self._buffer) >= 4:
            size = int.from_bytes(self._buffer[:4], "big")
            if size > self._cap:
                raise FrameError(f"a frame claims {size} bytes")
            if len(self._buffer) < 4 + size:
                break
            frames.append(parse(bytes(self._buffer[4 : 4 + size])))
            del self._buffer[: 4 + size]
        return frames

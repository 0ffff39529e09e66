"""Frames: a 4-byte big-endian length, then that many bytes of JSON, at most `CAP`."""

import json
import struct

CAP = 8 << 20
CHUNK = 3 << 20
"""Bytes of a file that one frame carries (as base64)."""

TYPE_CHECKING = False
if TYPE_CHECKING:  # the typing module itself would cost every cold start six milliseconds
    from typing import Any

    Frame = dict[str, Any]
else:
    Frame = dict


class FrameError(ValueError):
    """The other end does not speak the protocol."""


def pack(frame: Frame) -> bytes:
    """
    >>> pack({"a": 1})
    b'\\x00\\x00\\x00\\x07{"a":1}'
    """
    body = json.dumps(frame, separators=(",", ":")).encode()
    if len(body) > CAP:
        raise FrameError(f"a frame of {len(body)} bytes is over the cap of {CAP}")
    return struct.pack(">I", len(body)) + body


def parse(body: bytes) -> Frame:
    try:
        value: Frame = json.loads(body)
    except (ValueError, RecursionError) as exc:
        raise FrameError("a frame is not JSON") from exc
    if type(value) is not dict:
        raise FrameError("a frame is not an object")
    return value


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

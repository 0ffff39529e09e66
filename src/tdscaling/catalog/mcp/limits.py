"""What a server may send before it counts as broken."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """Bounds of one connection.

    `message_bytes`: one message, above which the server is flooding. `text_chars`: what is kept of a result's
    text. `notifications`: messages without a request between two answers. `rubbish_bytes`: output that is no
    message, between two answers. `stderr_bytes`: the tail of standard error that is kept. `pages`: pages of a
    tool listing. `depth`: levels of nesting of a structured result.
    """

    message_bytes: int = 4 * 1024 * 1024
    text_chars: int = 100_000
    notifications: int = 2_000
    rubbish_bytes: int = 1024 * 1024
    stderr_bytes: int = 16 * 1024
    pages: int = 200
    depth: int = 100

"""How long to wait before another try."""

from dataclasses import dataclass
from email.utils import parsedate_to_datetime
from random import Random

FIRST = 0.5
LONGEST = 60.0


@dataclass(frozen=True, slots=True)
class Backoff:
    """Waits that double from FIRST to LONGEST seconds, each spread by ±50 % so that callers come apart."""

    rng: Random

    def seconds(self, tries: int, retry_after: float | None) -> float:
        """After `tries` failed tries (1 or more): never less than what the endpoint asked for."""
        own = min(LONGEST, FIRST * 2.0 ** (tries - 1)) * self.rng.uniform(0.5, 1.5)
        if retry_after is None:
            return own
        return max(own, retry_after * self.rng.uniform(1.0, 1.1))


def retry_after(header: str | None, wall: float) -> float | None:
    """The seconds a `Retry-After` header asks for, whether it says seconds or a date (RFC 9110, 10.2.3).

    >>> retry_after("7", 0.0), retry_after("Thu, 01 Jan 1970 00:01:00 GMT", 50.0), retry_after("soon", 0.0)
    (7.0, 10.0, None)
    """
    if header is None:
        return None
    try:
        seconds = float(header)
    except ValueError:
        try:
            seconds = parsedate_to_datetime(header).timestamp() - wall
        except (ValueError, OverflowError):
            return None
    return max(0.0, seconds) if seconds == seconds and seconds < 86_400 * 365 else None

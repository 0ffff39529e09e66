"""What can go wrong with a model, each case by name.

    ProviderError
    ├── StopError               the run can't go on; mended, the same command goes on
    │   ├── AuthError           401, 403
    │   ├── NotFoundError       404: no such model or address
    │   ├── DownError           the endpoint answers nothing, not even a short question
    │   ├── BudgetError         the cap in tokens or in money is reached
    │   └── ReplayMissError     replay asks for a request that was never answered
    ├── TransientError          worth another try; has `retry_after`
    │   ├── RateLimitedError    429
    │   ├── OverloadedError     408, 409, 425, 5xx
    │   ├── UnreachableError    refused, cut off, no such host
    │   ├── TimedOutError       no answer within the deadline
    │   ├── MalformedError      the body is no completion
    │   └── EmptyChoicesError   a completion with nothing in it
    ├── BadRequestError         400, 413, 422 and others: the request itself
    │   └── ContextOverflowError  it does not fit the model's context
    └── AnswerError             the model answered, and the answer can't be used
        ├── RefusedError        it refused, or a filter did
        ├── TruncatedError      cut off at its token limit
        ├── NotJsonError        no JSON where JSON was asked for, or not of the schema
        ├── MalformedCallError  the arguments of a call are no JSON object
        ├── WrongToolError      the call of a tool that is not offered
        └── BadArgumentsError   arguments that the tool's schema does not accept

No text of these holds a key: `redacted` has gone over what an endpoint said.
"""

from tdscaling.errors import ProviderError


class StopError(ProviderError):
    """The run can't go on."""


class AuthError(StopError):
    """The endpoint does not accept the key."""


class NotFoundError(StopError):
    """The endpoint knows no such model or path."""


class DownError(StopError):
    """The endpoint answers nothing."""


class BudgetError(StopError):
    """The cap in tokens or in money is reached."""


class ReplayMissError(StopError):
    """Replay has no answer to a request."""


class TransientError(ProviderError):
    """Worth another try, not before `retry_after` seconds where the endpoint says so."""

    def __init__(self, text: str, retry_after: float | None = None) -> None:
        super().__init__(text)
        self.retry_after = retry_after


class RateLimitedError(TransientError):
    """Too many requests."""


class OverloadedError(TransientError):
    """The endpoint failed on its side."""


class UnreachableError(TransientError):
    """No connection, or one that was cut."""


class TimedOutError(TransientError):
    """No answer in time."""


class MalformedError(TransientError):
    """The body is no completion."""


class EmptyChoicesError(TransientError):
    """A completion with no choice, or a choice with nothing in it."""


class BadRequestError(ProviderError):
    """The endpoint does not accept this request."""


class ContextOverflowError(BadRequestError):
    """The request does not fit the model's context."""


class AnswerError(ProviderError):
    """What the model answered can't be used."""


class RefusedError(AnswerError):
    """The model, or a filter, refused."""


class TruncatedError(AnswerError):
    """The answer was cut off at its token limit."""


class NotJsonError(AnswerError):
    """Not the JSON that was asked for."""


class MalformedCallError(AnswerError):
    """The arguments of a call are no JSON object."""


class WrongToolError(AnswerError):
    """A tool that is not offered."""


class BadArgumentsError(AnswerError):
    """Arguments that the tool's schema does not accept."""

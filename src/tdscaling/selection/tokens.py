"""How many tokens a dialogue costs a trainer."""

import json
from collections.abc import Callable
from importlib import import_module
from pathlib import Path
from typing import Protocol, TypeAlias, cast

from tdscaling.errors import ConfigError, one_line
from tdscaling.types import Dialogue
from tdscaling.values.texts import whole

Counter: TypeAlias = Callable[[str], int]
BYTES_PER_TOKEN = 3.6
"""UTF-8 bytes of English, JSON and code for a token of a vocabulary of about 50,000 to 150,000."""


class _Encoding(Protocol):
    def __len__(self) -> int: ...


class _Tokenizer(Protocol):
    def encode(self, sequence: str, *, add_special_tokens: bool) -> _Encoding: ...


def text_of(dialogue: Dialogue) -> str:
    """What a chat template writes: the tools, then every message with its role, its calls as JSON."""
    parts = [
        json.dumps(
            {"name": tool.name, "description": tool.description, "parameters": tool.parameters},
            ensure_ascii=False,
            default=str,
        )
        for tool in dialogue.tools
    ]
    for message in dialogue.messages:
        parts.append(f"{message.role}\n{message.reasoning or ''}{message.content}")
        parts.extend(
            json.dumps({"name": call.name, "arguments": call.arguments}, ensure_ascii=False, default=str)
            for call in message.tool_calls
        )
    return "\n".join(parts)


def approximate(text: str) -> int:
    """Tokens by bytes, where no tokenizer is given.

    By hand: 36 bytes are 10 tokens.

    >>> approximate("x" * 36)
    10
    """
    return max(1, round(len(text.encode("utf-8", "replace")) / BYTES_PER_TOKEN))


def counter(tokenizer: Path | None) -> tuple[Counter, str]:
    """A counter and its name: that of a `tokenizer.json`, or of the folder that holds it; None approximates.

    Raises ConfigError when there is none, or when the package that reads it is missing.
    """
    if tokenizer is None:
        return approximate, f"UTF-8 bytes / {BYTES_PER_TOKEN} (an approximation; --tokenizer counts exactly)"
    file = tokenizer / "tokenizer.json" if tokenizer.is_dir() else tokenizer
    if not file.is_file():
        raise ConfigError(f"{file} does not exist: name a tokenizer.json or the folder of a model that has one")
    try:
        package = import_module("tokenizers")
    except ModuleNotFoundError:
        raise ConfigError("--tokenizer needs the package tokenizers: pip install 'tdscaling[tokens]'") from None
    try:
        loaded = cast("_Tokenizer", package.Tokenizer.from_file(str(file)))
    except Exception as exc:  # the package raises nothing narrower
        raise ConfigError(f"{file} is no tokenizer: {one_line(exc)}") from exc
    return lambda text: len(loaded.encode(whole(text), add_special_tokens=False)), file.parent.name or file.name

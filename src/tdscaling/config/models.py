"""Settings of language models and of what they may cost."""

import re
from typing import Literal
from urllib.parse import urlsplit

from pydantic import BaseModel, ConfigDict, Field, field_validator

from tdscaling.types import JsonValue

ToolProtocol = Literal["auto", "native", "schema", "hermes"]


class Price(BaseModel):
    """What a million tokens cost, in one currency for the whole run."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    prompt: float = Field(default=0.0, ge=0, description="Of a million prompt tokens.")
    completion: float = Field(default=0.0, ge=0, description="Of a million completion tokens.")

    def of(self, prompt_tokens: int, completion_tokens: int) -> float:
        """
        >>> Price(prompt=1, completion=4).of(500_000, 1_000_000)
        4.5
        """
        return (prompt_tokens * self.prompt + completion_tokens * self.completion) / 1e6


class ModelSettings(BaseModel):
    """An OpenAI-compatible endpoint and how a model behind it is asked."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    base_url: str = Field(description="Address up to and with the version, like `http://localhost:8000/v1`.")
    model: str = Field(min_length=1, description="Name of the model there.")
    api_key_env: str | None = Field(
        default=None, description="Name of the environment variable that holds the key; never the key itself."
    )
    temperature: float = Field(default=0.7, ge=0, le=2, description="Sampling temperature.")
    top_p: float | None = Field(default=None, gt=0, le=1, description="Nucleus sampling; none: the endpoint's own.")
    max_tokens: int = Field(default=1024, ge=1, description="Tokens of one answer, its thoughts included.")
    extra: dict[str, JsonValue] = Field(
        default_factory=dict, description="Further fields of every request; one that is null is left out of it."
    )
    protocol: ToolProtocol = Field(
        default="auto", description="How it calls tools: its own way, JSON under a schema, Hermes tags, or by a probe."
    )
    stream: bool = Field(default=False, description="Ask for the answer piece by piece.")
    price: Price = Field(default_factory=Price, description="What its tokens cost.")
    concurrency: int = Field(default=64, ge=1, description="Requests at the same time.")
    rpm: int | None = Field(default=None, ge=1, description="Requests per minute; none: no limit.")
    tpm: int | None = Field(default=None, ge=1, description="Tokens per minute; none: no limit.")
    timeout: float = Field(default=120.0, gt=0, description="Seconds that one attempt may take.")
    deadline: float = Field(default=600.0, gt=0, description="Seconds that a request may take with all its retries.")
    retries: int = Field(default=6, ge=0, description="Further attempts after a failure that may pass.")

    @field_validator("base_url")
    @classmethod
    def _plain_address(cls, url: str) -> str:
        parts = urlsplit(url)
        if parts.scheme not in ("http", "https") or not parts.hostname:
            raise ValueError("must be an http or https address like http://localhost:8000/v1")
        if parts.username or parts.password or parts.query or parts.fragment:
            raise ValueError("must hold no user, key or query: put a key into an environment variable (api_key_env)")
        return url.rstrip("/")

    @field_validator("api_key_env")
    @classmethod
    def _name_of_a_variable(cls, name: str | None) -> str | None:
        if name is not None and not re.fullmatch(r"[A-Za-z_][A-Za-z0-9_]{0,63}", name):
            raise ValueError("must be the name of an environment variable, not a key")
        return name


class BudgetSettings(BaseModel):
    """Hard caps: where one is reached the run stops, and goes on when it is raised."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    tokens: int | None = Field(default=None, ge=1, description="Tokens of all requests together; none: no cap.")
    cost: float | None = Field(default=None, gt=0, description="Money, in the currency of the prices; none: no cap.")


NOT_DECISIVE = {"base_url", "api_key_env", "stream", "price", "concurrency", "rpm", "tpm", "timeout", "deadline",
                "retries"}  # fmt: skip
"""Fields that may change under a run: they decide how an answer is had, not which."""

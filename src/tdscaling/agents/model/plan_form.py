"""The form in which a model writes a plan, and how it is read."""

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError

from tdscaling.llm.failures import NotJsonError
from tdscaling.types import JsonObject, JsonValue

Short = Annotated[str, Field(max_length=80)]
Text = Annotated[str, Field(max_length=240)]
Scalar = Annotated[str, Field(max_length=120)] | int | float | bool


class Form(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class PlannedFact(Form):
    id: Short
    label: Short
    value: Scalar


class PlannedArgument(Form):
    """One source alone is given: a fact, a step with a path, or a constant."""

    name: Short
    fact: Short | None = None
    step: Short | None = None
    path: Text = ""
    index: int = 0
    constant: Scalar | None = None


class PlannedStep(Form):
    id: Short
    tool: Short
    arguments: Annotated[tuple[PlannedArgument, ...], Field(max_length=8)] = ()
    group: int = 0


class PlannedRequest(Form):
    action: Text
    details: Annotated[tuple[Short, ...], Field(max_length=6)] = ()
    refusal: Text | None = None


class PlannedTurn(Form):
    kind: Literal["request", "revision"] = "request"
    requests: Annotated[tuple[PlannedRequest, ...], Field(min_length=1, max_length=3)]
    steps: Annotated[tuple[PlannedStep, ...], Field(max_length=12)] = ()
    withheld: Annotated[tuple[Short, ...], Field(max_length=3)] = ()
    tell: Annotated[tuple[Short, ...], Field(max_length=4)] = ()


class Plan(Form):
    goal: Text
    facts: Annotated[tuple[PlannedFact, ...], Field(max_length=12)] = ()
    turns: Annotated[tuple[PlannedTurn, ...], Field(min_length=1, max_length=6)]


_ADAPTER = TypeAdapter(Plan)


def plan_schema(tools: tuple[str, ...]) -> JsonObject:
    """The JSON schema of a plan over these tools; every text in it has an end."""
    schema: dict[str, Any] = _ADAPTER.json_schema()
    schema["$defs"]["PlannedStep"]["properties"]["tool"] = {"type": "string", "enum": list(tools)}
    return schema


def plan_of(found: JsonValue) -> Plan:
    """A value as a plan. Raises NotJsonError."""
    try:
        return _ADAPTER.validate_python(found)
    except ValidationError as exc:
        error = exc.errors()[0]
        raise NotJsonError(f"{'.'.join(str(part) for part in error['loc'])}: {error['msg']}") from None

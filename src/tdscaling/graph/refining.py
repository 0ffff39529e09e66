"""A model looks again at the edges of which the rules are unsure, and names clusters. Never needed, not trusted alone.

What it says of an edge shifts the rules' score as a witness does who is right in RIGHT of all cases; an answer that
can't be used leaves the edge, or the name, as it was.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from tdscaling.graph.asking import Answered, Question, ask_all
from tdscaling.graph.dependencies import edge_order
from tdscaling.llm import Model, Usage
from tdscaling.prompts import render
from tdscaling.types import Cluster, Edge, JsonObject, JsonValue, Tool, ToolKey

BAND = (0.3, 0.7)
"""Scores of the edges that are judged, both ends included."""
RIGHT = 0.85
_EDGES = 12
"""Edges of one question; all of them have one consumer."""
_TEXT = 300
_LONGEST = 60
_NAME = re.compile(r"[^\W_][^\n\r\t—{}<>|\"]*")


@dataclass(frozen=True, slots=True, kw_only=True)
class Refining:
    """What a model was asked, what it changed, and what that cost."""

    questions: int = 0
    cached: int = 0
    unusable: int = 0
    changed: int = 0
    usage: Usage = field(default_factory=Usage)

    def json(self) -> dict[str, JsonValue]:
        return {
            "questions": self.questions,
            "cached": self.cached,
            "unusable": self.unusable,
            "changed": self.changed,
            "prompt_tokens": self.usage.prompt_tokens,
            "completion_tokens": self.usage.completion_tokens,
            "cost": round(self.usage.cost, 6),
        }


async def refine_edges(
    tools: Sequence[Tool], edges: Sequence[Edge], model: Model, *, told: Callable[[], None] = lambda: None
) -> tuple[tuple[Edge, ...], Refining]:
    """The edges, those of kind `value` within BAND judged by the model; executed ones are not asked about.

    Edges that it speaks for or against get `model_yes` or `model_no` as evidence. Raises ProviderError, StoreError.
    """
    known = {tool.key: tool for tool in tools}
    asked = _batches(edges, known)
    questions = [_edge_question(batch, known) for batch in asked]
    answered = await ask_all(model, questions, _verdicts, told=told)
    judged: dict[Edge, Edge] = {}
    for batch, verdicts in zip(asked, answered.found, strict=True):
        for number, edge in enumerate(batch, start=1):
            verdict = (verdicts or {}).get(number)
            if verdict is not None:
                judged[edge] = _shifted(edge, verdict)
    refined = tuple(sorted((judged.get(edge, edge) for edge in edges), key=edge_order))
    return refined, _summed(answered, len(judged))


async def refine_names(
    tools: Sequence[Tool], clusters: Sequence[Cluster], model: Model, *, told: Callable[[], None] = lambda: None
) -> tuple[tuple[Cluster, ...], Refining]:
    """The clusters with names of the model's; the part after the dash, which names the servers, stays.

    Raises ProviderError, StoreError.
    """
    known = {tool.key: tool for tool in tools}
    answered = await ask_all(model, [_name_question(cluster, known) for cluster in clusters], _name, told=told)
    named = tuple(
        cluster if name is None else replace(cluster, name=" — ".join([name, *cluster.name.split(" — ")[1:]]))
        for cluster, name in zip(clusters, answered.found, strict=True)
    )
    changed = sum(one.name != other.name for one, other in zip(named, clusters, strict=True))
    return named, _summed(answered, changed)


def edge_questions(tools: Sequence[Tool], edges: Sequence[Edge]) -> int:
    """How many requests `refine_edges` would make."""
    return len(_batches(edges, {tool.key: tool for tool in tools}))


def _batches(edges: Sequence[Edge], known: Mapping[ToolKey, Tool]) -> list[list[Edge]]:
    wanted: dict[ToolKey, list[Edge]] = {}
    for edge in sorted(edges, key=edge_order):
        unsure = edge.kind == "value" and not edge.executed and BAND[0] <= edge.score <= BAND[1]
        if unsure and edge.producer.key in known and edge.consumer.key in known:
            wanted.setdefault(edge.consumer.key, []).append(edge)
    return [
        listed[start : start + _EDGES]
        for _, listed in sorted(wanted.items())
        for start in range(0, len(listed), _EDGES)
    ]


def _edge_question(batch: Sequence[Edge], known: Mapping[ToolKey, Tool]) -> Question:
    producers = sorted({edge.producer.key for edge in batch})
    prompt = render(
        "graph_edges",
        consumer=_told(known[batch[0].consumer.key]),
        producers=[_told(known[key]) for key in producers],
        edges=[(edge.producer.tool, edge.producer.field, edge.consumer.field) for edge in batch],
    )
    verdict: JsonObject = {
        "type": "object",
        "properties": {
            "edge": {"type": "integer", "minimum": 1, "maximum": len(batch)},
            "works": {"type": "string", "enum": ["yes", "no", "unsure"]},
        },
        "required": ["edge", "works"],
        "additionalProperties": False,
    }
    return Question(prompt=prompt, schema=_only("verdicts", {"type": "array", "items": verdict, "maxItems": _EDGES}))


def _verdicts(answer: JsonValue) -> dict[int, bool] | None:
    """By number of the edge whether it works; edges of which it is unsure or says two things are left out."""
    rows = answer.get("verdicts") if isinstance(answer, Mapping) else None
    if not isinstance(rows, list | tuple):
        return None
    said: dict[int, set[JsonValue]] = {}
    for row in rows:
        if isinstance(row, Mapping) and isinstance(number := row.get("edge"), int):
            said.setdefault(number, set()).add(row.get("works"))
    return {number: words == {"yes"} for number, words in said.items() if words in ({"yes"}, {"no"})}


def _shifted(edge: Edge, works: bool) -> Edge:
    """Bayes: odds times how much likelier a witness who is right in RIGHT of all cases says so of what is so."""
    factor = RIGHT / (1 - RIGHT)
    odds = edge.score / (1 - edge.score) * (factor if works else 1 / factor)
    said = "model_yes" if works else "model_no"
    return replace(edge, score=round(odds / (1 + odds), 4), evidence=tuple(sorted({*edge.evidence, said})))


def _name_question(cluster: Cluster, known: Mapping[ToolKey, Tool]) -> Question:
    told = [_told(known[key]) for key in cluster.order if key in known]
    prompt = render("graph_name", called=cluster.name.split(" — ")[0], kind=cluster.kind, tools=told, longest=_LONGEST)
    return Question(prompt=prompt, schema=_only("name", {"type": "string", "minLength": 3, "maxLength": _LONGEST}))


def _name(answer: JsonValue) -> str | None:
    found = answer.get("name") if isinstance(answer, Mapping) else None
    text = " ".join(found.split()) if isinstance(found, str) else ""
    return text if 3 <= len(text) <= _LONGEST and _NAME.fullmatch(text) else None


def _only(name: str, schema: JsonObject) -> JsonObject:
    return {"type": "object", "properties": {name: schema}, "required": [name], "additionalProperties": False}


def _told(tool: Tool) -> tuple[str, str]:
    """A tool's name and the start of its description, in one line."""
    text = " ".join(tool.description.split())
    return tool.name, text if len(text) <= _TEXT else text[: _TEXT - 1] + "…"


def _summed(answered: Answered[dict[int, bool]] | Answered[str], changed: int) -> Refining:
    return Refining(
        questions=len(answered.found),
        cached=answered.cached,
        unusable=answered.unusable,
        changed=changed,
        usage=answered.usage,
    )

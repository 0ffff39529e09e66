"""What one server's exploration gathers, and what that says of its tools."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from tdscaling.exploration.outputs import observed_outputs
from tdscaling.exploration.pool import Pool
from tdscaling.types import (
    EXECUTED,
    Edge,
    Effect,
    FieldRef,
    JsonScalar,
    Observation,
    ParamProfile,
    Tool,
    ToolKey,
    ToolProfile,
)
from tdscaling.values.generate import words
from tdscaling.values.schema import required

DESTROYS = frozenset("delete remove drop clear reset purge destroy erase truncate unset revoke".split())

_READS = frozenset("get list read show search find describe view fetch status log diff count check query".split())


@dataclass(slots=True)
class Findings:
    """What one server's exploration gathers."""

    pool: Pool = field(default_factory=Pool)
    successes: dict[ToolKey, list[Observation]] = field(default_factory=dict[ToolKey, list[Observation]])
    failures: dict[ToolKey, list[Observation]] = field(default_factory=dict[ToolKey, list[Observation]])
    params: dict[ToolKey, tuple[ParamProfile, ...]] = field(default_factory=dict[ToolKey, tuple[ParamProfile, ...]])
    edges: list[Edge] = field(default_factory=list[Edge])

    def profiles(self, tools: Sequence[Tool]) -> Mapping[ToolKey, ToolProfile]:
        return {
            tool.key: ToolProfile(
                tool=tool.key,
                effect=effect_of(tool, self.successes[tool.key]),
                volatile=False,
                params=self.params[tool.key],
                outputs=observed_outputs(self.successes[tool.key]),
                successes=tuple(self.successes[tool.key]),
                failures=tuple(self.failures.get(tool.key, ())),
            )
            for tool in tools
            if tool.key in self.params
        }

    def proved(self) -> Iterator[Edge]:
        """A value of another tool's result that worked where a random one did not proves the edge."""
        for tool, params in self.params.items():
            for param in params:
                for value in param.values if param.strict else ():
                    if isinstance(value, list | tuple) and len(value) == 1 and isinstance(value[0], str | int | float):
                        yield from self._edges_to(FieldRef(*tool, f"{param.name}[]"), value[0])
                    elif isinstance(value, str | int | float):
                        yield from self._edges_to(FieldRef(*tool, param.name), value)

    def broken(self, tools: Sequence[Tool]) -> Iterator[str]:
        """A line for every tool that never worked and whose call the server did not survive."""
        for tool in tools:
            tried = self.failures.get(tool.key, ())
            fault = next((seen.result.content for seen in tried if seen.result.fault), None)
            if fault is not None and tool.key not in self.successes:
                yield f"{tool.key}: {' '.join(fault.split())[:200]}"

    def unknown(self, tools: Sequence[Tool]) -> Iterator[tuple[ToolKey, str]]:
        """Every other tool that never worked, with what its first call gave: the best guess."""
        for tool in tools:
            tried = self.failures.get(tool.key, ())
            if tool.key not in self.successes and not any(seen.result.fault for seen in tried):
                yield (
                    tool.key,
                    (" ".join(tried[0].result.content.split()) or "no text") if tried else "no value to try",
                )

    def _edges_to(self, consumer: FieldRef, value: JsonScalar) -> Iterator[Edge]:
        for producer in self.pool.holds(value):
            if producer.key != consumer.key:
                yield Edge(producer=producer, consumer=consumer, kind="value", score=1.0, evidence=(EXECUTED,))


def effect_of(tool: Tool, observations: Sequence[Observation]) -> Effect:
    if not any(observation.changed for observation in observations):
        return "read" if tool.read_only is not False else "write"
    return "destroy" if set(words(tool.name)) & DESTROYS else "write"


def readers_first(tool: Tool) -> tuple[int, int, str]:
    """Sorts reading tools first and destroying ones last, those with few parameters before others."""
    said = set(words(tool.name))
    stage = 2 if said & DESTROYS else 0 if tool.read_only or (tool.read_only is None and said & _READS) else 1
    return stage, len(required(tool)), tool.name

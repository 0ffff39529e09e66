"""Chains of calls on simulated services, as the figures of `benchmarks.simulated` want them: three calls or more, one
of which writes, each fed by what earlier ones show where that holds the value."""

from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from random import Random

from tdscaling.environments.simulated import Service, SimulatedEnvironment
from tdscaling.environments.simulated.arguments import arguments_for
from tdscaling.environments.simulated.model import Operation
from tdscaling.environments.simulated.query import given
from tdscaling.environments.simulated.store import Store, key_of
from tdscaling.types import Binding, Fact, FromFact, FromOutput, JsonObject, Step, ToolKey
from tdscaling.values import leaves, parse

WRITES = ("create", "update", "move", "delete", "link", "unlink")
SHAPES = (
    ("create", "get", "update"), ("list", "get", "update"), ("list", "get", "move"), ("list", "move", "get"),
    ("create", "get", "delete"), ("list", "get", "delete"), ("create", "update", "delete"), ("list", "update",
    "delete"),
    ("create", "move", "get"), ("create", "get", "list"), ("create", "list", "get"), ("list", "update", "list"),
    ("create", "list", "update"), ("create", "list", "delete"), ("list", "update", "update"), ("list", "move", "list"),
    ("list", "delete", "list"), ("list", "create", "list"), ("create", "update", "list"), ("create", "update",
    "update"),
    ("get", "update", "get"), ("list", "delete", "create"), ("create", "delete", "create"), ("link", "unlink", "link"),
)  # fmt: skip


@dataclass
class Draft:
    """A chain in the making."""

    facts: list[Fact] = field(default_factory=list)
    steps: list[Step] = field(default_factory=list)
    outputs: dict[str, object] = field(default_factory=dict)
    writes: int = 0


def add(draft: Draft, service: Service, store: Store, operation: Operation, rng: Random, record=None) -> bool:
    """Plans and makes one call; values that an earlier result shows are taken from it."""
    arguments = arguments_for(service, store, operation, rng, record=record)
    if operation.kind == "update" and arguments is not None and not sets(operation, arguments):
        arguments = arguments_for(service, store, operation, rng, record=record, share=0.5)
    if arguments is None:
        return False
    bindings: dict[str, Binding] = {}
    for name, value in arguments.items():
        found = shown(draft, value) if isinstance(value, str | int) and not isinstance(value, bool) else None
        if found is None:
            fact = Fact(id=f"f{len(draft.facts) + 1}", label=name, value=value)
            draft.facts.append(fact)
            found = FromFact(fact=fact.id)
        bindings[name] = found
    result = service.call(store, operation.tool, arguments)
    if result.is_error:
        return False
    step = Step(
        id=f"s{len(draft.steps) + 1}",
        tool=ToolKey(service.model.server, operation.tool),
        arguments=bindings,
        after=tuple(sorted({b.step for b in bindings.values() if isinstance(b, FromOutput)})),
        group=len(draft.steps) + 1,
    )
    draft.steps.append(step)
    draft.outputs[step.id] = parse(result.content)
    draft.writes += operation.kind in WRITES
    return True


def sets(operation: Operation, arguments: JsonObject) -> bool:
    """Whether an update says what is to be changed."""
    return any(given(arguments, param.path) is not None for param in operation.having("value"))


def shown(draft: Draft, value: object) -> FromOutput | None:
    for name, output in draft.outputs.items():
        count: Counter[str] = Counter()
        for leaf in leaves(output):
            if leaf.value == value and len(str(value)) > 2:
                return FromOutput(step=name, path=leaf.path, index=count[leaf.path])
            count[leaf.path] += 1
    return None


def chains(services: Sequence[Service], environment: SimulatedEnvironment, rng: Random) -> Iterator[Draft]:
    """Chains of three calls on one entity, of every shape its tools allow; then of more over all that a cluster has:
    whatever reads, a tool that writes, others that do."""
    for service in services:
        yield from shaped(service, environment, rng)
    readers = [(service, op) for service in services for op in operations(service, ("list", "get", "count"))]
    writers = [(service, op) for service in services for op in operations(service, WRITES)]
    for writer in writers:
        for begun in (readers[:4], rng.sample(readers, min(3, len(readers))), []):
            draft = Draft()
            stores = {s.model.server: Store(environment.template(s.model.server, 0)) for s in services}
            others = [one for one in writers if one is not writer]
            after = [*rng.sample(others, min(2, len(others))), *rng.sample(readers, min(2, len(readers)))]
            for service, operation in (*begun, writer, *after):
                add(draft, service, stores[service.model.server], operation, rng)
            if len(draft.steps) >= 3 and draft.writes:
                yield draft


def operations(service: Service, kinds: Sequence[str]) -> list[Operation]:
    return [op for _, op in sorted(service.model.operations.items()) if op.kind in kinds]


def shaped(service: Service, environment: SimulatedEnvironment, rng: Random) -> Iterator[Draft]:
    model = service.model
    by_kind: dict[tuple[str, str], list[Operation]] = defaultdict(list)
    for _, operation in sorted(model.operations.items()):
        by_kind[operation.entity, operation.kind].append(operation)
    for entity in sorted(model.entities):
        for shape in SHAPES:
            options = [by_kind[entity, kind] for kind in shape]
            if all(options):
                draft, store = Draft(), Store(environment.template(model.server, 0))
                if follow(draft, service, store, entity, [rng.choice(found) for found in options], rng):
                    yield draft


def follow(
    draft: Draft, service: Service, store: Store, entity: str, operations: Sequence[Operation], rng: Random
) -> bool:
    record = None
    for operation in operations:
        before = set(store.table(entity))
        if not add(draft, service, store, operation, rng, record):
            return False
        if operation.kind == "create":
            record = store.table(entity)[next(key for key in store.table(entity) if key not in before)]
        elif record is None and store.table(entity):
            record = rng.choice(list(store.table(entity).values())[:5])
        elif record is not None:
            record = store.table(entity).get(key_of(record[service.model.entities[entity].identifier]))
    return True

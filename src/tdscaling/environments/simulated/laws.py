"""What must hold of every simulated service, checked by calling it: `tdscaling simulate check`, tests and
benchmarks.
"""

from collections.abc import Callable, Iterator, Sequence
from random import Random

from tdscaling.environments.simulated.arguments import arguments_for
from tdscaling.environments.simulated.consistent import sums
from tdscaling.environments.simulated.lifecycle import may_move
from tdscaling.environments.simulated.model import Entity, Operation
from tdscaling.environments.simulated.query import given, passes
from tdscaling.environments.simulated.store import Record, Store, key_of
from tdscaling.environments.simulated.trial import Trial, Violation, mistakable
from tdscaling.environments.simulated.world import shares_ids
from tdscaling.types import JsonObject, JsonValue, ToolResult, diff


def violations(trial: Trial) -> list[Violation]:
    """All laws over all entities of a service."""
    found: list[Violation] = []
    for entity in [trial.service.model.entities[name] for name in sorted(trial.service.model.entities)]:
        for law in LAWS:
            found.extend(law(trial, entity))
    found.extend(nothing_raises(trial))
    return found


def created_is_found(trial: Trial, entity: Entity) -> Iterator[Violation]:
    """create→get gives what was created; a list has it exactly once; a delete removes it, and later gets fail. So it
    is where another stands beside it that differs as little as the service allows."""
    for create in (*trial.of("create", entity.name), *trial.of("link", entity.name)):
        store = trial.store()
        made = trial.valid(store, create, share=0.5)
        if made is None or made[1].is_error:
            continue
        yield from _kept(trial, entity, store, create, made)
        beside = trial.store()
        twin = trial.twin(beside, create, made[0])
        if twin is not None:
            yield from _kept(trial, entity, beside, create, twin)


def _kept(
    trial: Trial, entity: Entity, store: Store, create: Operation, made: tuple[JsonObject, ToolResult]
) -> Iterator[Violation]:
    """What was created last is kept, got, listed and deleted as it was given."""
    record = list(store.table(entity.name).values())[-1]
    for param in create.having("value"):
        value = given(made[0], param.path)
        if value is not None and key_of(record.get(param.field)) != key_of(value):
            yield Violation("create keeps what was given", create.tool, f"{param.field}: {value!r}")
    yield from _got(trial, entity, store, create, record, made[1])
    yield from _listed(trial, entity, store, record)
    yield from _deleted(trial, entity, store, record)


def _got(
    trial: Trial, entity: Entity, store: Store, create: Operation, record: Record, answer: ToolResult
) -> Iterator[Violation]:
    shown = trial.shown(create, answer)
    for get in trial.of("get", entity.name):
        got = trial.valid(store, get, record)
        if got is None:
            continue
        if got[1].is_error:
            yield Violation("create then get", get.tool, got[1].content[:160])
        for one, two in zip(shown, trial.shown(get, got[1]), strict=False):
            for name in one.keys() & two.keys():
                if one[name] != two[name] and name in entity.fields:
                    yield Violation("create then get", get.tool, f"{name}: {one[name]!r} then {two[name]!r}")


def _listed(trial: Trial, entity: Entity, store: Store, record: Record) -> Iterator[Violation]:
    for listing in trial.of("list", entity.name):
        arguments = arguments_for(trial.service, store, listing, trial.rng, record=record)
        shown = trial.all_pages(store, listing, arguments) if arguments is not None else None
        names = {key_of(trial.named(item, entity, entity.identifier)) for item in shown or ()}
        if arguments is None or not shown or names == {"None"} or not _belongs(listing, arguments, record):
            continue
        key = key_of(record[entity.identifier])
        times = sum(key_of(trial.named(item, entity, entity.identifier)) == key for item in shown)
        if times != 1:
            yield Violation("list has it exactly once", listing.tool, f"{key} {times} times, {arguments}")


def _belongs(listing: Operation, arguments: JsonObject, record: Record) -> bool:
    """Whether a record should be in a list: it passes the filters, and no text is searched."""
    if any(given(arguments, param.path) is not None for param in listing.having("text")):
        return False
    filters = [(param, given(arguments, param.path)) for param in listing.having("filter")]
    return all(
        passes(record.get(param.field), param, value) for param, value in filters if value is not None and not param.via
    )


def _deleted(trial: Trial, entity: Entity, store: Store, record: Record) -> Iterator[Violation]:
    for delete in (*trial.of("delete", entity.name), *trial.of("unlink", entity.name)):
        gone = trial.valid(store, delete, record)
        if gone is None or gone[1].is_error:
            continue
        for get in trial.of("get", entity.name):
            arguments = arguments_for(trial.service, store, get, trial.rng, record=record)
            if arguments is not None and not trial.service.call(store, get.tool, arguments).is_error:
                yield Violation("delete then get is not found", get.tool, f"{arguments}")
        return


def updates_are_narrow(trial: Trial, entity: Entity) -> Iterator[Violation]:
    """update changes what was given in that record, what is computed from that, and its time of change; so does a move,
    and the state."""
    for update in (*trial.of("update", entity.name), *trial.of("move", entity.name)):
        store = trial.store()
        table = list(store.table(entity.name).values())
        if update.kind == "move":
            table = [record for record in table if may_move(entity, update.verb, record)]
        if not table:
            continue
        record, before = mistakable(update, table) or trial.rng.choice(table), store.snapshot()
        done = trial.valid(store, update, record, share=0.4)
        if done is None or done[1].is_error:
            continue
        key = key_of(record[entity.identifier])
        allowed = {f"{entity.name}[{key}].{param.field}" for param in update.having("value")
                   if given(done[0], param.path) is not None}  # fmt: skip
        allowed.add(f"{entity.name}[{key}].{trial.service.plans[entity.name].updated}")
        if update.kind == "move" and entity.lifecycle is not None:
            allowed.add(f"{entity.name}[{key}].{entity.lifecycle.field}")
        after = store.get(entity.name, record[entity.identifier]) or {}
        allowed |= {f"{entity.name}[{key}].{name}" for name, value in sums(after).items() if after.get(name) == value}
        for change in diff(before, store.snapshot()):
            if change.path not in allowed:
                yield Violation("update changes nothing else", update.tool, change.path)


def filters_are_exact(trial: Trial, entity: Entity) -> Iterator[Violation]:
    """A filter shows every record that has the value, and no other."""
    for listing in trial.of("list", entity.name):
        store = trial.store()
        for param in listing.having("filter"):
            base = arguments_for(trial.service, store, listing, trial.rng)
            records = [r for r in store.table(entity.name).values() if r.get(param.field) is not None]
            if base is None or not records or param.comparison != "equal" or param.path[1:] or param.via:
                continue
            base = _unlimited(listing, base, len(store.table(entity.name)))
            value = trial.rng.choice(records)[param.field]
            if isinstance(value, list | dict | bool):
                continue
            shown = trial.all_pages(store, listing, {**base, param.path[0]: value}, fits=False)
            wide = trial.all_pages(store, listing, base)
            if shown is None or wide is None or param.required:
                continue
            ids = {key_of(r[entity.identifier]) for r in records if key_of(r[param.field]) == key_of(value)}
            mine = [key_of(trial.named(item, entity, entity.identifier)) for item in shown]
            every = {key_of(trial.named(item, entity, entity.identifier)) for item in wide}
            if "None" not in mine and set(mine) != ids & every:
                yield Violation(
                    "filters are sound and complete", listing.tool, f"{param.field}={value!r}: {mine} for {ids & every}"
                )


def _unlimited(listing: Operation, arguments: JsonObject, size: int) -> JsonObject:
    """The arguments of a list that shows all it has: where it can't be paged, its limit must not cut it off."""
    limits = listing.having("limit")
    paged = any(listing.having(role) for role in ("cursor", "offset", "page"))
    return arguments if paged or not limits or limits[0].path[1:] else {**arguments, limits[0].path[0]: size}


def pages_cover(trial: Trial, entity: Entity) -> Iterator[Violation]:
    """Pages of two show together what one page shows, each once."""
    for listing in trial.of("list", entity.name):
        limits = listing.having("limit")
        if not limits or not any(listing.having(role) for role in ("cursor", "offset", "page")):
            continue
        store = trial.store()
        base = arguments_for(trial.service, store, listing, trial.rng)
        if base is None:
            continue
        small = {**base, limits[0].path[0]: 2}
        whole, parts = trial.all_pages(store, listing, base), trial.all_pages(store, listing, small)
        if whole is not None and parts is not None and whole != parts:
            yield Violation(
                "paging covers every item once", listing.tool, f"{len(whole)} in one, {len(parts)} in parts"
            )


def failures_change_nothing(trial: Trial, entity: Entity) -> Iterator[Violation]:
    """A call that fails leaves the state as it was; so does a call that reads."""
    store = trial.store()
    for operation in [op for _, op in sorted(trial.service.model.operations.items()) if op.entity == entity.name]:
        arguments = arguments_for(trial.service, store, operation, trial.rng, share=0.5) or {}
        for call in ({}, {**arguments, "no such parameter": 1}, *_broken(arguments), arguments):
            before = store.snapshot()
            result = trial.service.call(store, operation.tool, call)
            after = store.snapshot()
            same = after is before or after.leaves == before.leaves
            if (result.is_error or operation.reads) and not same:
                yield Violation("failed calls change nothing", operation.tool, f"{call}")


def _broken(arguments: JsonObject) -> Iterator[JsonObject]:
    for name, value in arguments.items():
        yield {**arguments, name: "zzqqxx" if isinstance(value, str) else 987654321 if isinstance(value, int) else []}
        yield {key: item for key, item in arguments.items() if key != name}


def runs_repeat(trial: Trial, entity: Entity) -> Iterator[Violation]:
    """The same calls on the same world give the same bytes and the same state."""
    seed = trial.rng.getrandbits(32)
    runs = [_run(trial, entity, Random(seed)) for _ in range(2)]
    if runs[0] != runs[1]:
        yield Violation("same seed, same calls, same bytes", entity.name, "two runs differ")


def _run(trial: Trial, entity: Entity, rng: Random) -> tuple[list[str], dict[str, str]]:
    store, seen = trial.store(), list[str]()
    for name, operation in sorted(trial.service.model.operations.items()):
        if operation.entity == entity.name:
            arguments = arguments_for(trial.service, store, operation, rng, share=0.5)
            if arguments is not None:
                seen.append(trial.service.call(store, name, arguments).content)
    return seen, dict(store.snapshot().leaves)


def identifiers_are_apart(trial: Trial, entity: Entity) -> Iterator[Violation]:
    """The identifier of one thing is no other's, unless the schemas say that the two share it."""
    if shares_ids(entity):
        return
    own = trial.world.tables.get(entity.name, {})
    others = [e for _, e in sorted(trial.service.model.entities.items()) if e.name != entity.name and not shares_ids(e)]
    for other in others:
        table = trial.world.tables.get(other.name, {})
        for key in sorted(own.keys() & table.keys()):
            yield Violation("identifiers are apart", entity.name, f"{key} is a {other.name}'s too")
        for get in trial.of("get", entity.name):
            keys = [param for param in get.having("key") if param.field == entity.identifier and not param.via]
            if len(keys) != 1 or not table or len(get.having("key")) != 1:
                continue
            wrong = trial.rng.choice(list(table.values()))[other.identifier]
            base = arguments_for(trial.service, trial.store(), get, trial.rng)
            if base is None or keys[0].path[1:]:
                continue
            if not trial.service.call(trial.store(), get.tool, {**base, keys[0].path[0]: wrong}).is_error:
                yield Violation("identifiers are apart", get.tool, f"{wrong!r} of a {other.name} is found")


_RUBBISH: Sequence[JsonValue] = (
    None,
    True,
    -1,
    1e308,
    "",
    "\x00",
    "x" * 5000,
    [],
    [[]],
    {},
    {"id": {"id": None}},
    [None],
)


def nothing_raises(trial: Trial) -> Iterator[Violation]:
    """Rubbish for arguments gives a result, whatever it is."""
    store = trial.store()
    for name, operation in sorted(trial.service.model.operations.items()):
        tool = trial.service.tools[name]
        properties = tool.input_schema.get("properties")
        names = sorted(properties) if isinstance(properties, dict) else []
        for rubbish in _RUBBISH:
            arguments = dict.fromkeys(names, rubbish)
            try:
                trial.service.call(store, name, arguments)
            except (ArithmeticError, LookupError, TypeError, ValueError, AttributeError, RecursionError) as exc:
                yield Violation(
                    "no call ever raises", operation.tool, f"{type(exc).__name__}: {exc} for {rubbish!r:.40}"
                )


LAWS: Sequence[Callable[[Trial, Entity], Iterator[Violation]]] = (
    created_is_found,
    updates_are_narrow,
    filters_are_exact,
    pages_cover,
    failures_change_nothing,
    runs_repeat,
    identifiers_are_apart,
)

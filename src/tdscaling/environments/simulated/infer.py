"""A service inferred from its tools: entities, what each tool does to them, and which tools can't be simulated."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

from tdscaling.environments.simulated.circles import without_circles
from tdscaling.environments.simulated.entities import MAX_NEEDED, Draft, drafts, named_by, settled
from tdscaling.environments.simulated.identifiers import numbered
from tdscaling.environments.simulated.lifecycle import moves_state
from tdscaling.environments.simulated.model import Entity, FieldModel, Operation, Param, ServiceModel
from tdscaling.environments.simulated.naming import best, referred
from tdscaling.environments.simulated.params import params_of
from tdscaling.environments.simulated.reach import reachable
from tdscaling.environments.simulated.reading import Reading, readings
from tdscaling.environments.simulated.relations import related
from tdscaling.semantics.fields import Phrase
from tdscaling.types import Tool


def infer(tools: Sequence[Tool]) -> ServiceModel:
    """The model of the tools of one server. Tools that can't be simulated are `none` with the reason."""
    ordered = sorted(tools, key=lambda tool: tool.key)
    found = _merged([_as_step(reading) for reading in readings(ordered)])
    made = drafts(found)
    phrases = list(made)
    entities = {draft.name: settled(draft, phrases, _uniques(draft)) for draft in made.values()}
    operations: dict[str, Operation] = {}
    for reading in found:
        name = " ".join(reading.entity)
        if reading.kind == "none" or len(made[reading.entity].needed) > MAX_NEEDED:
            reason = reading.reason or f"its output requires more than {MAX_NEEDED} fields"
            operations[reading.tool.name] = Operation(tool=reading.tool.name, kind="none", reason=reason)
            continue
        params, extra = params_of(reading, entities[name])
        entities[name] = _with_fields(entities[name], extra, phrases, reading.entity)
        operations[reading.tool.name] = _operation(reading, entities[name], params)
    server = ordered[0].server if ordered else ""
    model = without_circles(related(ServiceModel(server=server, entities=entities, operations=operations)))
    model = numbered(model, found)
    return reachable(model, {tool.name: tool for tool in ordered})


def _as_step(reading: Reading) -> Reading:
    """A call that names a thing and no step of a life cycle leaves a note of its own: a run of a workflow."""
    if reading.kind != "move" or moves_state(reading.verb):
        return reading
    entity = (
        (*reading.entity, "run")
        if reading.verb in ("run", "execute", "trigger", "invoke")
        else (*reading.entity, reading.verb or "action")
    )
    parents = (*reading.parents, *((key, reading.entity) for key in reading.keys))
    return replace(reading, kind="create", entity=entity[-4:], keys=(), parents=parents)


def _merged(found: Sequence[Reading]) -> list[Reading]:
    """One name for an entity that tools call by several: `time` and `time entry` where the key says the latter;
    `issue detail` is an issue."""
    known = {reading.entity for reading in found if reading.kind in ("list", "create", "delete", "update")}
    same: dict[Phrase, Phrase] = {}
    for reading in found:
        plain = _unadorned(reading.entity)
        if plain != reading.entity and plain in known:
            same[reading.entity] = plain
        elif reading.entity not in known and reading.kind in ("get", "move"):
            other = best(reading.entity, known)
            if other is not None and other[-1:] == reading.entity[-1:] and reading.keys:
                same[reading.entity] = other
    return [_renamed(r, same[r.entity]) if r.entity in same else r for r in found]


def _renamed(reading: Reading, entity: Phrase) -> Reading:
    """The reading of an entity by its other name. `/sections/{id}/teacher` shows a teacher, whom the section tells."""
    if any(name in reading.keys and phrase != entity for name, phrase in reading.parents):
        return replace(reading, entity=entity, keys=())
    return replace(reading, entity=entity)


_ADORNMENTS = frozenset("detail information data metadata record full content status object entry summary".split())


def _unadorned(entity: Phrase) -> Phrase:
    return entity[:-1] if len(entity) > 1 and entity[-1] in _ADORNMENTS else entity


def _uniques(draft: Draft) -> tuple[str, ...]:
    """What tools name the entity by beside its identifier."""
    keys = {
        named_by(reading, draft.fields)
        for reading in draft.readings
        if reading.keys and reading.kind in ("get", "update", "delete", "move")
    }
    return tuple(sorted(key for key in keys if key != draft.identifier and key in draft.fields))


def _with_fields(entity: Entity, extra: Mapping[str, FieldModel], phrases: Sequence[Phrase], own: Phrase) -> Entity:
    if not extra:
        return entity
    known = {" ".join(phrase) for phrase in phrases}
    added = {
        name: spec if spec.refers in known else replace(spec, refers=" ".join(referred(name, phrases, own) or ()))
        for name, spec in extra.items()
    }
    return replace(entity, fields={**entity.fields, **added})


def _operation(reading: Reading, entity: Entity, params: tuple[Param, ...]) -> Operation:
    kind, name = reading.kind, reading.tool.name
    if kind == "move":
        cycle = entity.lifecycle
        if cycle is None or reading.verb not in cycle.moves:
            return Operation(
                tool=name, kind="none", reason=f"`{reading.verb}` leads to no state that {entity.name} has"
            )
    needed = [param for param in params if param.required and param.role == "refused"]
    if needed:
        what = ".".join(needed[0].path)
        return Operation(tool=name, kind="none", reason=f"what `{what}` means can't be inferred")
    if (
        kind in ("get", "update", "delete", "move")
        and not entity.singleton
        and not any(p.role == "key" for p in params)
    ):
        return Operation(tool=name, kind="none", reason=f"does not say which {entity.name}")
    return Operation(tool=name, kind=kind, entity=entity.name, params=params, verb=reading.verb)

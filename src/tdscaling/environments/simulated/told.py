"""What no tool shows and a caller has to know: told beforehand, the same in every world of a service."""

from collections.abc import Callable, Iterator, Mapping
from random import Random

from tdscaling.environments.simulated.checks import compiled
from tdscaling.environments.simulated.failures import CallFailedError
from tdscaling.environments.simulated.makers import maker
from tdscaling.environments.simulated.model import Entity, Operation, Param, ServiceModel
from tdscaling.environments.simulated.query import given
from tdscaling.environments.simulated.store import Record, Store, key_of
from tdscaling.environments.simulated.vocabulary import PEOPLE, vocabulary
from tdscaling.semantics.fields import split
from tdscaling.semantics.words import words
from tdscaling.types import JsonObject, JsonValue

VALUES = 2
"""How many values of a parent, or identifiers of an entity, are told."""
_PLACES = frozenset(
    "owner repo repository organization org workspace project team tenant account user database bucket namespace group "
    "site domain board channel customer guild server".split()
)


_TEXTS = frozenset(
    "text statement prompt content message query code input description html json sql expression script body question "
    "sentence data value payload formula equation number amount".split()
)
"""What is said anew in each call, and names nothing."""


def tellable(param: Param) -> bool:
    """Whether a caller would know a parameter's value: it is in the path, names a place or a thing by its id, or is
    all that says which thing is meant."""
    parts = words(param.path[-1])
    phrase, kind = split(parts)
    known = bool(phrase) and phrase[-1] in _PLACES and kind in ("id", "", "name")
    naming = param.comparison == "equal" and kind != "time" and not _TEXTS & {*parts}
    return bool(param.parent) or known or kind == "id" or naming


def told_values(server: str, name: str, schema: JsonObject) -> tuple[JsonValue, ...]:
    """Values for a parent of this name, as its schema allows; () where none fits."""
    rng, check = Random(f"{server} {' '.join(words(name))}"), compiled(schema)
    made = maker(name, schema)
    found: list[JsonValue] = []
    for _ in range(4 * VALUES):
        for value in (_slug(name, rng), made(rng) if made is not None else None):
            if value is not None and value not in found and not check(value, ""):
                found.append(value)
                break
        if len(found) == VALUES:
            return tuple(found)
    return ()


def _slug(name: str, rng: Random) -> JsonValue:
    parts, known = words(name), vocabulary()
    if parts[-1:] in (("id",), ("uuid",), ("key",), ("number",)):
        return None
    if {*parts} & PEOPLE:
        return f"{rng.choice(known.first_names)}{rng.choice(known.last_names)}".lower()
    return f"{rng.choice(known.adjectives)}-{rng.choice(known.nouns)}"


def heed(operation: Operation, entity: Entity, arguments: JsonObject) -> None:
    """Raises CallFailedError for a parent that is none of those there are, or for two that don't belong together."""
    fits = set(range(VALUES))
    for param in operation.params:
        options = entity.fields[param.field].told if param.field in entity.fields else ()
        value = given(arguments, param.path) if options else None
        if value is None:
            continue
        keys, named = [key_of(option) for option in options], value if isinstance(value, list | tuple) else [value]
        if not named:
            continue
        for one in map(key_of, named):
            if one not in keys:
                raise CallFailedError("not_found", f"there is no {param.path[-1]} {one!r}{_known(options)}")
        mine = {keys.index(one) for one in map(key_of, named)}
        if not fits & mine:
            others = [option for n, option in enumerate(options) if n in fits]
            raise CallFailedError("not_found", f"{param.path[-1]} {key_of(value)!r} is elsewhere{_known(others)}")
        fits &= mine


def known_ids(entity: Entity, store: Store, there: Callable[[Record], bool] = bool) -> str:
    """What an error says of the identifiers that are told, of what is `there`; "" where tools show them."""
    if not entity.told:
        return ""
    found = [record[entity.identifier] for record in store.table(entity.name).values() if there(record)]
    return _known(found[:VALUES]) if found else ""


def _known(options: tuple[JsonValue, ...] | list[JsonValue]) -> str:
    return f"; there are {', '.join(repr(str(option)) for option in options)}"


def sentences(model: ServiceModel, identifiers: Mapping[str, list[JsonValue]]) -> Iterator[str]:
    """What a caller is told of a service. `identifiers`: the told ones, by entity."""
    fields: dict[str, tuple[JsonValue, ...]] = {}
    for _, entity in sorted(model.entities.items()):
        fields.update((name, spec.told) for name, spec in entity.fields.items() if spec.told)
    if fields:
        sets = (
            ", ".join(f"{name} {key_of(options[number])!r}" for name, options in sorted(fields.items()))
            for number in range(VALUES)
        )
        yield f"What {model.server} has: {'; '.join(sets)}."
    for name, entity in sorted(model.entities.items()):
        if entity.told and identifiers.get(name):
            listed = ", ".join(repr(key_of(value)) for value in identifiers[name])
            yield f"{name[:1].upper()}{name[1:]} on {model.server}, by {entity.identifier}: {listed}."

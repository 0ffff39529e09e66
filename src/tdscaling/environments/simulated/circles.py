"""No two kinds of things live in each other: where schemas read so, the weakest of the references is a plain one."""

from collections.abc import Mapping
from dataclasses import replace

from tdscaling.environments.simulated.model import Entity, ServiceModel


def without_circles(model: ServiceModel) -> ServiceModel:
    """The model without circles of things that live in each other: no world could begin with any of them.

    The weakest reference of a circle is the one that the smallest share of its entity's tools asks for
    (`default_branch` of a repository, against the repository of a branch): it stays a reference, and nothing falls
    with what it points to.
    """
    entities = dict(model.entities)
    while (circle := _circle(entities)) is not None:
        name, field = min(circle, key=lambda place: (_asked(model, *place), place))
        entity = entities[name]
        entities[name] = replace(entity, scope=tuple(other for other in entity.scope if other != field))
    return replace(model, entities=entities)


def _circle(entities: Mapping[str, Entity]) -> list[tuple[str, str]] | None:
    """The references of one circle, each as entity and field; None where there is none."""
    done = set[str]()

    def visit(name: str, way: list[tuple[str, str]]) -> list[tuple[str, str]] | None:
        entity = entities[name]
        for field in entity.scope:
            target, here = entity.fields[field].refers, [*way, (name, field)]
            start = next((number for number, (seen, _) in enumerate(here) if seen == target), None)
            if start is not None:
                return here[start:]
            found = visit(target, here) if target in entities and target not in done else None
            if found is not None:
                return found
        done.add(name)
        return None

    for name in sorted(entities):
        found = visit(name, []) if name not in done else None
        if found is not None:
            return found
    return None


def _asked(model: ServiceModel, name: str, field: str) -> float:
    """The share of an entity's tools that ask for a field."""
    own = [op for op in model.operations.values() if op.entity == name and op.kind != "none"]
    asking = sum(any(param.field == field and param.required for param in op.params) for op in own)
    return asking / max(1, len(own))

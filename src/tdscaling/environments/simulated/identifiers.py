"""Identifiers as all tools of a service take them: texts that are asked for as numbers somewhere are digits."""

from collections.abc import Sequence
from dataclasses import replace

from tdscaling.environments.simulated.model import ServiceModel
from tdscaling.environments.simulated.reading import Reading
from tdscaling.environments.simulated.schemas import properties_of


def numbered(model: ServiceModel, found: Sequence[Reading]) -> ServiceModel:
    """The model with identifiers in digits where some tool asks for one as a whole number, though a record shows it
    as a text."""
    schemas = {reading.tool.name: reading.inputs for reading in found}
    wanted = set[str]()
    for name, operation in model.operations.items():
        for param in operation.params:
            spec = schemas[name]
            for part in param.path:
                spec = properties_of(spec).get(part, {})
            entity = model.entities[operation.entity]
            if spec.get("type") not in ("integer", "number") or param.field not in entity.fields:
                continue
            own = param.field == entity.identifier and not param.via
            wanted.add(entity.name if own else param.parent or entity.fields[param.field].refers)
    entities = {
        name: replace(entity, id_kind="integer") if name in wanted and entity.id_kind == "code" else entity
        for name, entity in model.entities.items()
    }
    return replace(model, entities=entities)

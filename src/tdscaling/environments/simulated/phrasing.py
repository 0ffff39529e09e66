"""Free texts of new records in a model's words. Whatever is phrased is the store's before it is shown."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from random import Random
from typing import Protocol

from tdscaling.environments.simulated.makers import Maker
from tdscaling.environments.simulated.model import Entity, FieldModel, Operation
from tdscaling.environments.simulated.query import given
from tdscaling.environments.simulated.responder import Responder
from tdscaling.environments.simulated.service import Service
from tdscaling.environments.simulated.store import Record, Store
from tdscaling.semantics.words import words
from tdscaling.types import JsonObject, JsonValue

_FREE = frozenset(
    "title subject summary description body text content message note comment reason detail remark bio headline "
    "greeting instruction answer question excerpt caption".split()
)
"""Last words of fields that hold what somebody writes."""


class Phraser(Protocol):
    """Whoever puts free texts into words; it changes nothing by itself."""

    async def phrase(
        self, server: str, entity: str, record: JsonObject, fields: Mapping[str, JsonObject]
    ) -> Mapping[str, str]:
        """Texts for these fields of a new record, by name; those without one keep what they have."""
        ...


@dataclass(frozen=True, slots=True)
class Phrased:
    """A responder in whose records the given texts stand."""

    inner: Responder
    texts: Mapping[str, str]

    def complete(
        self,
        entity: Entity,
        record: JsonObject,
        missing: Sequence[FieldModel],
        makers: Mapping[str, Maker],
        rng: Random,
    ) -> Mapping[str, JsonValue]:
        found = self.inner.complete(entity, record, missing, makers, rng)
        return {**found, **{name: text for name, text in self.texts.items() if name in found}}


async def phrased(service: Service, store: Store, operation: Operation, arguments: JsonObject, seed: int,
                  phraser: Phraser) -> Service:  # fmt: skip
    """The service for one call: where the call makes a record, its free texts are the phraser's. The call is tried on
    a copy of the state first, so that it is made whole or not at all."""
    if operation.kind != "create":
        return service
    trial, entity = store.fork(), service.model.entities[operation.entity]
    before = trial.table(entity.name).keys()
    if service.call(trial, operation.tool, arguments, seed).is_error:
        return service
    made = [record for key, record in trial.table(entity.name).items() if key not in before]
    fields = _free(entity, operation, arguments, made[0]) if made else {}
    if not fields:
        return service
    said = await phraser.phrase(service.model.server, entity.name, made[0], fields)
    plan = service.plans[entity.name]
    texts = {name: text for name, text in said.items() if name in fields and text and plan.allows(name, text)}
    return replace(service, responder=Phrased(service.responder, texts))


def _free(entity: Entity, operation: Operation, arguments: JsonObject, record: Record) -> dict[str, JsonObject]:
    """The free texts of a record that the caller has not given, with their schemas."""
    said = {param.field for param in operation.having("value") if given(arguments, param.path) is not None}
    return {
        name: spec.schema
        for name, spec in entity.fields.items()
        if isinstance(record.get(name), str)
        and name not in (*said, *entity.unique, *entity.joins)
        and not spec.refers
        and spec.schema.get("type") == "string"
        and not {"enum", "format", "pattern", "const"} & spec.schema.keys()
        and {*words(name)[-1:]} & _FREE
    }

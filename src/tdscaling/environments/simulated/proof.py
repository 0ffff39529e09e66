"""A service tried before it is used: tools whose answers break a law are left out, with the law as the reason."""

from collections.abc import Mapping
from dataclasses import replace
from random import Random

from tdscaling.environments.simulated.arguments import impossible
from tdscaling.environments.simulated.laws import violations
from tdscaling.environments.simulated.model import Operation
from tdscaling.environments.simulated.service import Service
from tdscaling.environments.simulated.trial import Trial, Violation
from tdscaling.environments.simulated.world import Seeder

ROUNDS = 7
CLEAN = 2
"""Trials one after the other that must find nothing."""


def proved(service: Service, size: int) -> Service:
    """The service without the tools that break a law in a trial; of a pair that disagrees, the one that was tried."""
    service = _callable(service)
    clean, seeder = 0, Seeder(service.model, size)
    for round_number in range(ROUNDS):
        found = found_in(service, seeder, round_number)
        tools = {violation.tool: violation for violation in found if violation.tool in service.model.operations}
        clean = 0 if tools else clean + 1
        if clean == CLEAN:
            break
        reasons = {name: f"it would break the law {violation.law!r}" for name, violation in tools.items()}
        service = _without(service, reasons)
    return service


def _callable(service: Service) -> Service:
    """The service without the tools that nobody can call."""
    simulated = [service.model.operations[name] for name in service.model.simulated]
    return _without(service, {one.tool: why for one in simulated if (why := impossible(service, one))})


def _without(service: Service, reasons: Mapping[str, str]) -> Service:
    """The service without some tools, each with its reason."""
    if not reasons:
        return service
    operations = dict(service.model.operations)
    operations.update({name: Operation(tool=name, kind="none", reason=why) for name, why in reasons.items()})
    return Service(replace(service.model, operations=operations), service.tools, service.rules, service.responder)


def found_in(service: Service, seeder: Seeder, seed: int) -> list[Violation]:
    """What a trial over one world finds; nothing where nothing is simulated. Rules are left aside: they refuse by
    intent."""
    if service.model.reason:
        return []
    bare = Service(service.model, service.tools, (), service.responder)
    return violations(Trial(bare, seeder.seed(seed), Random(f"trial {seed}")))

"""A service tried before it is used: tools whose answers break a law are left out, with the law as the reason."""

from dataclasses import replace
from random import Random

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
    clean, seeder = 0, Seeder(service.model, size)
    for round_number in range(ROUNDS):
        found = found_in(service, seeder, round_number)
        tools = {violation.tool: violation for violation in found if violation.tool in service.model.operations}
        clean = 0 if tools else clean + 1
        if clean == CLEAN:
            break
        operations = dict(service.model.operations)
        for name, violation in tools.items():
            reason = f"it would break the law {violation.law!r}"
            operations[name] = Operation(tool=name, kind="none", reason=reason)
        service = Service(
            replace(service.model, operations=operations), service.tools, service.rules, service.responder
        )
    return service


def found_in(service: Service, seeder: Seeder, seed: int) -> list[Violation]:
    """What a trial over one world finds; nothing where nothing is simulated. Rules are left aside: they refuse by
    intent."""
    if service.model.reason:
        return []
    bare = Service(service.model, service.tools, (), service.responder)
    return violations(Trial(bare, seeder.seed(seed), Random(f"trial {seed}")))

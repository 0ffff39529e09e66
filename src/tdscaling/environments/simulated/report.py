"""What a service's trial found, for a person: tools that are left out with the reason, laws that do not hold."""

from collections.abc import Mapping
from random import Random

from tdscaling.environments.simulated.laws import violations
from tdscaling.environments.simulated.service import Service
from tdscaling.environments.simulated.session import SimulatedEnvironment
from tdscaling.environments.simulated.trial import Trial
from tdscaling.types import JsonObject, JsonValue

SEED = 71
"""Of the trials that are reported; those that decide what is used have other seeds."""


def checked(environment: SimulatedEnvironment, server: str, worlds: int = 1) -> JsonObject:
    """The tools of a server that work, those that are left out with the reason, and for the former what breaks a law
    in fresh worlds: `{"server", "tools", "left_out": {tool: reason}, "broken": [{law, tool, seen}], "calls"}`.
    """
    service = environment.service(server)
    model = service.model
    left: dict[str, JsonValue] = {
        name: operation.reason for name, operation in sorted(model.operations.items()) if operation.kind == "none"
    }
    broken: list[JsonValue] = []
    calls = 0
    bare = Service(model, service.tools, (), service.responder)
    for world in range(worlds if model.simulated else 0):
        trial = Trial(bare, environment.template(server, world), Random(f"{SEED} {world}"))
        broken.extend({"law": found.law, "tool": found.tool, "seen": found.seen} for found in violations(trial))
        calls += trial.calls
    return {"server": server, "tools": list(model.simulated), "left_out": left, "broken": broken, "calls": calls}


def findings(found: JsonObject) -> str:
    """The same in lines of text."""
    tools, left, broken = found["tools"], found["left_out"], found["broken"]
    assert isinstance(tools, list) and isinstance(left, Mapping) and isinstance(broken, list)  # noqa: PT018
    lines = [f"{found['server']}: {len(tools)} tools simulated, {len(left)} left out, {found['calls']} calls tried"]
    lines += [f"  left out: {name}: {reason}" for name, reason in left.items()]
    lines += [f"  broken: {one['law']}: {one['tool']}: {one['seen']}" for one in broken if isinstance(one, Mapping)]
    return "\n".join(lines if left or broken else [*lines, "  every law holds"])

"""Services simulated from schemas alone: stateful, consistent, seeded. See docs/simulation.md."""

from tdscaling.environments.simulated.infer import infer
from tdscaling.environments.simulated.model import ServiceModel, as_json
from tdscaling.environments.simulated.overrides import Overrides, corrected, must_be, read_overrides
from tdscaling.environments.simulated.responder import ProceduralResponder, Responder
from tdscaling.environments.simulated.ruled import check_rules
from tdscaling.environments.simulated.service import Service
from tdscaling.environments.simulated.session import SimulatedEnvironment, SimulatedSession

__all__ = [
    "Overrides",
    "ProceduralResponder",
    "Responder",
    "Service",
    "ServiceModel",
    "SimulatedEnvironment",
    "SimulatedSession",
    "as_json",
    "check_rules",
    "corrected",
    "infer",
    "must_be",
    "read_overrides",
]

"""Planner, user, assistant, simulator and judge: protocols, and the implementations that need no model."""

from tdscaling.agents.assistant import ProceduralAssistant
from tdscaling.agents.planning import RECIPES, Feasible, ProceduralPlanner, unsaid
from tdscaling.agents.protocols import Assistant, PlanContext, PlanError, Planner, RoleError, User
from tdscaling.agents.user import ProceduralUser

__all__ = [
    "RECIPES",
    "Assistant",
    "Feasible",
    "PlanContext",
    "PlanError",
    "Planner",
    "ProceduralAssistant",
    "ProceduralPlanner",
    "ProceduralUser",
    "RoleError",
    "User",
    "unsaid",
]

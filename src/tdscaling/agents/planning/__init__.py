"""Planning without a model."""

from tdscaling.agents.planning.feasible import plannable
from tdscaling.agents.planning.planner import RECIPES, ProceduralPlanner
from tdscaling.agents.planning.said import unsaid

__all__ = ["RECIPES", "ProceduralPlanner", "plannable", "unsaid"]

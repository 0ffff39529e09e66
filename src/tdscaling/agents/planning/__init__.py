"""Planning without a model."""

from tdscaling.agents.planning.feasible import Feasible
from tdscaling.agents.planning.planner import RECIPES, ProceduralPlanner
from tdscaling.agents.planning.said import unsaid

__all__ = ["RECIPES", "Feasible", "ProceduralPlanner", "unsaid"]

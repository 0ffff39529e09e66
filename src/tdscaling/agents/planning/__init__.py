"""Planning without a model."""

from tdscaling.agents.planning.planner import RECIPES, ProceduralPlanner

__all__ = ["RECIPES", "ProceduralPlanner"]

"""Roles played by a language model."""

from tdscaling.agents.model.assistant import ModelAssistant
from tdscaling.agents.model.judge import ModelJudge
from tdscaling.agents.model.planner import ModelPlanner
from tdscaling.agents.model.simulator import ModelSimulator
from tdscaling.agents.model.user import ModelUser
from tdscaling.agents.model.voice import Voice
from tdscaling.agents.model.watch import Watch

__all__ = ["ModelAssistant", "ModelJudge", "ModelPlanner", "ModelSimulator", "ModelUser", "Voice", "Watch"]

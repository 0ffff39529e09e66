"""Language models behind one method: `Model.complete`."""

from tdscaling.llm.protocol import Completion, Finish, Model, RawCall, Request, Sampling, ToolChoice, Usage
from tdscaling.llm.scripted import ScriptedModel

__all__ = [
    "Completion",
    "Finish",
    "Model",
    "RawCall",
    "Request",
    "Sampling",
    "ScriptedModel",
    "ToolChoice",
    "Usage",
]

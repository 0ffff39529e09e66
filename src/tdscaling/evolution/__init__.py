"""Which targets to ask for, given what came of the earlier ones. Never calls a model."""

from tdscaling.evolution.emitter import Emitter, Slot

__all__ = ["Emitter", "Slot"]

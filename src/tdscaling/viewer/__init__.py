"""Local web pages over a run: what became of every item, one by one."""

from tdscaling.viewer.serving import viewing

__all__ = ["viewing"]

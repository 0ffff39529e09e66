"""What the parts of a run tell of their courses: how the store keeps it, and how it is said."""

from tdscaling.evolution.collapse import Event
from tdscaling.evolution.course import Report, Reports
from tdscaling.store import RunReader, decode

EVOLUTION = "evolution"
"""The key of the store's state that holds the reports; a fold over the outcomes, so a resumed run writes them again."""


def reports(reader: RunReader) -> Reports:
    """The reports of a run; none where it chose no targets. Raises StoreError."""
    held = reader.state(EVOLUTION)
    return decode(Reports, held) if held else Reports()


def course_said(one: Report) -> str:
    """A part's strategy and the cells that it covered, in words."""
    share = f" ({one.covered / one.feasible:.0%})" if one.feasible else ""
    return f"{one.part} by {one.strategy}: {one.covered} cells of {one.feasible} shown feasible{share}"


def event_said(event: Event) -> str:
    """A collapse, or its end, in words."""
    what = "is back" if event.over else "fell"
    cause = f": {event.cause}" if event.cause else ""
    return f"at {event.at} kept, {event.of} entropy {what}, {event.highest:.3f} to {event.now:.3f}{cause}"

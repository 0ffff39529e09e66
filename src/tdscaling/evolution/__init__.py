"""Which targets to ask for, given what came of the earlier ones. Never calls a model."""

from tdscaling.evolution.archive import Archive, Slot, Told
from tdscaling.evolution.collapse import Event, Watch
from tdscaling.evolution.course import Course, Report, Reports
from tdscaling.evolution.emitter import Emitter
from tdscaling.evolution.ways import Success, Ways

__all__ = ["Archive", "Course", "Emitter", "Event", "Report", "Reports", "Slot", "Success", "Told", "Watch", "Ways"]

"""What episodes act on: sessions over live servers, each over its own copy of a world."""

from tdscaling.environments.live import LiveEnvironment
from tdscaling.environments.live_session import LiveSession
from tdscaling.environments.reuse import Reuse
from tdscaling.environments.router import RoutedSession
from tdscaling.environments.volatile import Volatile, learn_volatile

__all__ = ["LiveEnvironment", "LiveSession", "Reuse", "RoutedSession", "Volatile", "learn_volatile"]

"""Tools from live servers, specifications and corpora: read, merged, saved and loaded."""

from tdscaling.catalog.build import CatalogReport, build
from tdscaling.catalog.files import load, save
from tdscaling.catalog.problems import Listing, Problem
from tdscaling.catalog.schema import Limits, finite

__all__ = ["CatalogReport", "Limits", "Listing", "Problem", "build", "finite", "load", "save"]

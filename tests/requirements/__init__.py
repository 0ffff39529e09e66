"""One entry per promise of the project: an id to a sentence. Every test that shows one names it with
`@pytest.mark.requirement("area.promise")`; `tests/test_requirements.py` checks both directions.

A promise not yet shown by any test belongs into GAPS with the reason, not into a skip.
Each module beside this one holds the promises of one area in a dict `PROMISES`.
"""

import importlib
import pkgutil

GAPS: dict[str, str] = {}


def promises() -> dict[str, str]:
    """All promises by id; an id is `area.promise`, the area being the module's name."""
    found: dict[str, str] = {}
    for info in pkgutil.iter_modules(__path__):
        module = importlib.import_module(f"{__name__}.{info.name}")
        for key, text in module.PROMISES.items():
            found[f"{info.name}.{key}"] = text
    return found

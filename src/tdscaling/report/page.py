"""The page: everything that was gathered in one HTML file that loads nothing and runs one script of its own.

Texts of trajectories are put in as text. Should one ever come through as markup, the page's policy still lets no
script run but the one whose hash it names.
"""

import base64
import hashlib
from collections.abc import Sequence
from importlib.resources import files

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from tdscaling import __version__
from tdscaling.report.course import WINDOW
from tdscaling.report.drawing import readable
from tdscaling.report.gathering import Evaluation, Gathered
from tdscaling.report.panels import panel

CONTENTS = (
    ("scorecard", "Scorecard"),
    ("course", "Over time"),
    ("complexity", "Complexity"),
    ("cells", "Cells"),
    ("modes", "Modes"),
    ("domains", "Domains"),
    ("funnel", "Funnel"),
    ("cost", "Cost"),
    ("mutations", "Mutations"),
    ("clusters", "Clusters"),
    ("examples", "Examples"),
    ("provenance", "Provenance"),
)
FOREIGN = "A data set does not say"
_ENVIRONMENT = Environment(
    loader=PackageLoader("tdscaling.report"),
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
    autoescape=True,
)


def page(found: Sequence[Gathered], evaluations: Sequence[Evaluation] = ()) -> str:
    """The HTML of a report on one data set or several, with what models scored. Raises ConfigError where charts
    can't be drawn."""
    script = _own("script.js")
    orders = {"rows" if one.run is None else "kept trajectories" for one in found}
    text = _ENVIRONMENT.get_template("page.html.j2").render(
        inputs=[panel(one) for one in found],
        order=" or ".join(sorted(orders)),
        window=WINDOW,
        contents=CONTENTS,
        evaluations=evaluations,
        foreign=FOREIGN,
        version=__version__,
        policy=_policy(script),
        style=_own("style.css"),
        script=script,
    )
    return readable(text)


def _own(name: str) -> Markup:
    """A file of this package, put in as it is."""
    return Markup((files("tdscaling.report") / "templates" / name).read_text(encoding="utf-8"))


def _policy(script: str) -> str:
    named = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
    rules = ("default-src 'none'", f"script-src 'sha256-{named}'", "style-src 'unsafe-inline'", "base-uri 'none'")
    return "; ".join((*rules, "form-action 'none'"))

"""One strict Jinja template per role; a run's manifest keeps their hashes."""

import hashlib
from functools import cache
from importlib.resources import files

from jinja2 import Environment, PackageLoader, StrictUndefined

_ENVIRONMENT = Environment(
    loader=PackageLoader("tdscaling.prompts"),
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
    autoescape=False,
    auto_reload=False,
)
_ENVIRONMENT.globals.clear()  # nothing but what a template is given  # pyright: ignore[reportUnknownMemberType]


def render(name: str, **values: object) -> str:
    """The template `name` filled in. A value it needs and does not get is an error."""
    return _ENVIRONMENT.get_template(f"{name}.j2").render(**values).strip()


@cache
def hashes() -> dict[str, str]:
    """The first 12 digits of the SHA-256 of every template, by name."""
    folder = files("tdscaling.prompts") / "templates"
    found = {item.name.removesuffix(".j2"): item.read_bytes() for item in folder.iterdir() if item.name.endswith(".j2")}
    return {name: hashlib.sha256(found[name]).hexdigest()[:12] for name in sorted(found)}

"""A report as Markdown and as one HTML file, from the same parts."""

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape
from typing import TypeAlias

_STYLE = (
    "body{font:15px/1.5 system-ui,sans-serif;max-width:70em;margin:2em auto;padding:0 1em;color:#222}"
    "table{border-collapse:collapse;margin:1em 0}td,th{padding:.2em .7em;border-bottom:1px solid #ccc;text-align:right}"
    "td:first-child,th:first-child{text-align:left}svg{max-width:100%;height:auto}"
)


@dataclass(frozen=True, slots=True)
class Table:
    head: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


@dataclass(frozen=True, slots=True)
class Picture:
    """An SVG, and the file it has beside the Markdown."""

    file: str
    title: str
    svg: str


Part: TypeAlias = str | Table | Picture


@dataclass(frozen=True, slots=True)
class Section:
    title: str
    parts: tuple[Part, ...]


def markdown(title: str, sections: Sequence[Section]) -> str:
    """Pictures are named, not held.

    >>> print(markdown("A", [Section("B", ("c|d", Table(("x",), (("1|2",),))))]))
    # A
    <BLANKLINE>
    ## B
    <BLANKLINE>
    c|d
    <BLANKLINE>
    | x |
    | --- |
    | 1\\|2 |
    <BLANKLINE>
    """
    blocks = [f"# {title}"]
    for section in sections:
        blocks += [f"## {section.title}", *map(_as_markdown, section.parts)]
    return "\n\n".join(blocks) + "\n"


def html(title: str, sections: Sequence[Section]) -> str:
    """Pictures are in it; nothing is loaded."""
    body = "".join(f"<h2>{escape(section.title)}</h2>{''.join(map(_as_html, section.parts))}" for section in sections)
    return (
        f'<!doctype html><html lang="en"><meta charset="utf-8"><title>{escape(title)}</title><style>{_STYLE}</style>'
        f"<h1>{escape(title)}</h1>{body}</html>\n"
    )


def pictures(sections: Sequence[Section]) -> list[Picture]:
    return [part for section in sections for part in section.parts if isinstance(part, Picture)]


def _as_markdown(part: Part) -> str:
    if isinstance(part, str):
        return part
    if isinstance(part, Picture):
        return f"![{part.title}]({part.file})"
    lines = [part.head, tuple("---" for _ in part.head), *part.rows]
    return "\n".join(f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in line)} |" for line in lines)


def _as_html(part: Part) -> str:
    if isinstance(part, str):
        return f"<p>{escape(part)}</p>"
    if isinstance(part, Picture):
        return f"<figure>{part.svg}<figcaption>{escape(part.title)}</figcaption></figure>"
    head = "".join(f"<th>{escape(cell)}</th>" for cell in part.head)
    rows = "".join(f"<tr>{''.join(f'<td>{escape(cell)}</td>' for cell in row)}</tr>" for row in part.rows)
    return f"<table><tr>{head}</tr>{rows}</table>"

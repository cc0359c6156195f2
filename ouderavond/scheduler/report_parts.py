"""The pieces of HTML that the sections of the report page are made of."""

from __future__ import annotations

from collections.abc import Iterable
from html import escape
from typing import Any

from .reading import DAY, moment_text


def text(value: Any) -> str:
    """Any value as text in HTML, in an element or in an attribute."""
    return escape(str(value), quote=True)


def clock(minute: int) -> str:
    """The time of day of a minute (18:30)."""
    return f"{minute % DAY // 60:02d}:{minute % 60:02d}"


def when(minute: int | None) -> str:
    """A minute as date and time; a dash for None."""
    return "–" if minute is None else moment_text(minute).replace("T", " ")


def points(value: float) -> str:
    """Points as people read them: 149,046.8; whole numbers without decimals, small ones with two."""
    if abs(value - round(value)) < 5e-4:
        return f"{round(value):,}"
    return f"{value:,.1f}" if abs(value) >= 10 else f"{value:.2f}"


def plural(number: int, one: str, more: str) -> str:
    """A number with its word: 1 family, 2 families."""
    return f"{number:,} {one if number == 1 else more}"


def section(title: str, name: str, body: str) -> str:
    """A section with a heading; `name` is the heading's id."""
    return f'<section aria-labelledby="{name}"><h2 id="{name}">{title}</h2>{body}</section>'


def table(caption: str, head: Iterable[str], rows: Iterable[Iterable[str]], kind: str = "") -> str:
    """A table of cells that are HTML already; the first cell of a row is its heading."""
    top = "".join(f'<th scope="col">{cell}</th>' for cell in head)
    body = []
    for first, *rest in rows:
        cells = "".join(f"<td>{cell}</td>" for cell in rest)
        body.append(f'<tr><th scope="row">{first}</th>{cells}</tr>')
    return (
        f'<div class="scroll" tabindex="0" role="region" aria-label="{caption}"><table class="{kind}">'
        f"<caption>{caption}</caption><thead><tr>{top}</tr></thead><tbody>{''.join(body)}</tbody></table></div>"
    )

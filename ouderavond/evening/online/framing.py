"""Which other systems may show our pages inside theirs, such as Teams."""

import re

import frappe

# A name with a dot, so no bare machine name and no pattern; a port may follow, and nothing else.
_ORIGIN = re.compile(
    r"https://(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z][a-z0-9-]{0,61}(?::[1-9]\d{0,4})?"
)


def origins() -> list[str]:
    """The origins that the settings name, fit for `frame-ancestors`; empty where nobody may."""
    stored = frappe.get_cached_value("Ouderavond Settings", None, "frame_origins")
    return [line for line in lines(stored) if is_origin(line)]


def lines(text: str | None) -> list[str]:
    """What is filled in, one origin per line, each once, as browsers write it."""
    found = [line.strip().lower().removesuffix("/") for line in (text or "").splitlines()]
    return list(dict.fromkeys(line for line in found if line))


def is_origin(text: str) -> bool:
    """Whether a text names one secure place and nothing else: no path, no pattern, no other instruction."""
    return len(text) <= 255 and bool(_ORIGIN.fullmatch(text))

"""Steps that the tests in a browser share."""

import os
from pathlib import Path

# How long a page on a busy machine may take for one thing, in milliseconds.
PATIENCE = 60_000


def picture(page, name: str) -> None:
    """Leave a picture of the page in the folder OUDERAVOND_SCREENSHOTS, where that is set."""
    if folder := os.environ.get("OUDERAVOND_SCREENSHOTS"):
        Path(folder).mkdir(parents=True, exist_ok=True)
        page.screenshot(path=str(Path(folder) / f"{name}.png"))


def settled(page) -> None:
    """Wait until nothing is asked of the server any more."""
    page.wait_for_function("frappe.request.ajax_count === 0")


def open_offers(page, evening, *place: str, shows: str) -> None:
    """Open the page Offers at a tab, and wait for a part of it."""
    page.set_default_timeout(PATIENCE)
    page.goto("/".join(["/app/ouderavond-offers", evening.name, *place]))
    page.wait_for_selector(shows)

"""The texts of the app that a person may read, and the PO files that translate them.

`python -m tests.harness.messages`, with the bench's interpreter, brings the PO files up to date: what is
new comes in without a translation, what is gone goes. A text on a record that the platform has too gets the
record's name as context, so that our word for it does not change the platform's own pages.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from datetime import datetime, timezone
from pathlib import Path

from tests.harness.bench import APP, CHECKOUT, bench_path

LANGUAGES = ("nl", "fr", "de")
PLATFORM = ("frappe", "erpnext", "education")
SOURCE = CHECKOUT / APP
HEADER = "# The texts of Ouderavond; see tests/harness/messages.py."
PEOPLE = "Ouderavond contributors <ouderavond@example.org>"
SINCE = datetime(2026, 1, 1, tzinfo=timezone.utc)
# Folders that hold no texts of ours: the demo's are data, the engine speaks English.
LEFT_OUT = {"dist", "node_modules", "locale", "scheduler", "__pycache__"}


def messages() -> set[tuple[str, str | None]]:
    """All texts, as (text, context)."""
    known = {text for language in LANGUAGES for text in platform_texts(language)}
    found = set(_of_code())
    for text, doctype in _of_records():
        found.add((text, doctype if text in known else None))
    return {(text, context) for text, context in found if text.strip()}


def platform_texts(language: str) -> dict[str, str]:
    """What the apps below ours translate."""
    from frappe.translate import get_translations_from_apps

    return get_translations_from_apps(language, PLATFORM)


def missing(language: str) -> list[tuple[str, str | None]]:
    """The texts that neither our PO file nor the platform translates."""
    ours, theirs = read(language), platform_texts(language)
    return sorted(
        (key for key in messages() if not ours.get(key) and not theirs.get(key[0])),
        key=lambda key: (key[0], key[1] or ""),
    )


def read(language: str) -> dict[tuple[str, str | None], str]:
    """Our translations by (text, context)."""
    from babel.messages.pofile import read_po

    path = po_path(language)
    if not path.exists():
        return {}
    with path.open("rb") as file:
        return {(row.id, row.context): row.string for row in read_po(file) if row.id}


def write(language: str) -> None:
    """Bring a PO file up to date with the texts."""
    from babel.messages.catalog import Catalog
    from babel.messages.pofile import write_po

    before = read(language)
    # The dates are not those of writing: a run that changes nothing leaves the file as it is.
    about = {"header_comment": HEADER, "project": "Ouderavond", "version": "1", "fuzzy": False}
    about |= {"msgid_bugs_address": PEOPLE, "last_translator": PEOPLE, "language_team": PEOPLE}
    catalog = Catalog(language, APP, creation_date=SINCE, revision_date=SINCE, **about)
    for key in sorted(messages(), key=lambda key: (key[0], key[1] or "")):
        catalog.add(key[0], string=before.get(key, ""), context=key[1])
    with po_path(language).open("wb") as file:
        write_po(file, catalog, omit_header=False, width=0)


def compile_all() -> None:
    """Do what `bench build` does with the PO files, and forget what was loaded before."""
    from frappe.gettext.translate import _compile_translation
    from frappe.translate import clear_cache

    for language in LANGUAGES:
        _compile_translation(APP, language)
    clear_cache()


def po_path(language: str) -> Path:
    """Where the translations of a language are."""
    return SOURCE / "locale" / f"{language}.po"


def _files(*endings: str) -> Iterator[Path]:
    for path in sorted(SOURCE.rglob("*")):
        if path.suffix in endings and not LEFT_OUT & set(path.relative_to(SOURCE).parts):
            yield path


def _of_code() -> Iterator[tuple[str, str | None]]:
    """What stands in _() and __()."""
    from frappe.gettext.extractors import html_template, javascript, python

    extractors = {".py": python, ".js": javascript, ".html": html_template}
    for path in _files(*extractors):
        with path.open("rb") as file:
            arguments = (file, ["_", "__", "_lt"], (), {})
            if path.suffix == ".js":
                arguments = (file, ["__"], (), {})
            for _line, function, texts, _comments in extractors[path.suffix].extract(*arguments):
                if function == "pgettext":
                    yield texts[1], texts[0]
                elif texts:
                    yield (texts if isinstance(texts, str) else texts[0]), None


def _of_records() -> Iterator[tuple[str, str | None]]:
    """What the platform translates by itself: labels, choices, titles."""
    for path in _files(".json"):
        data = json.loads(path.read_text(encoding="utf-8"))
        if isinstance(data, dict) and data.get("doctype") == "DocType":
            yield data["name"], None
            yield from ((text, data["name"]) for text in _of_doctype(data))
        elif isinstance(data, dict) and data.get("doctype") in ("Workspace", "Number Card", "Report"):
            yield from ((text, None) for text in _of_other(data))
    yield from _of_python_data()


def _of_doctype(data: dict) -> Iterator[str]:
    for field in data["fields"]:
        if field.get("hidden"):
            continue
        yield field.get("label") or ""
        yield field.get("description") or ""
        if field["fieldtype"] == "Select":
            yield from (field.get("options") or "").split("\n")
    yield from (link.get("group") or "" for link in data.get("links", []))
    yield from (row["role"] for row in data.get("permissions", []))


def _of_other(data: dict) -> Iterator[str]:
    yield data.get("label") or data.get("title") or data["name"]
    for part in ("links", "shortcuts", "number_cards", "charts"):
        yield from (row.get("label") or "" for row in data.get(part, []))
    for block in json.loads(data.get("content") or "[]"):
        yield block.get("data", {}).get("text") or ""


def _of_python_data() -> Iterator[tuple[str, str | None]]:
    from ouderavond import hooks
    from ouderavond.setup.custom_fields import custom_fields

    for doctype, fields in custom_fields().items():
        for field in fields:
            yield field["label"], doctype
            yield field.get("description") or "", doctype
    yield from ((item["title"], None) for item in hooks.portal_menu_items)


if __name__ == "__main__":
    import frappe

    os.chdir(bench_path() / "sites")
    frappe.init("")
    for code in LANGUAGES:
        write(code)
        print(f"{code}: {len(missing(code))} of {len(messages())} texts lack a translation.")

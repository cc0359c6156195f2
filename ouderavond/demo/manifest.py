"""What the demo wrote, kept in the database in the same transactions as the records themselves.

An interrupted demo is therefore listed exactly as far as it came, and can be removed. The list lies in
DefaultValue under a parent of its own: it needs no table, and nothing of it stays behind.
"""

import json
from collections.abc import Iterable

import frappe

PARENT = "__ouderavond_demo"
# Settings that are put back as soon as the records are made.
TEMPORARY = "settings while records are made"
NAMES_PER_ROW = 250  # a value holds 64 KB, a name at most 140 characters of at most 4 bytes


class Manifest:
    """The list of created records, changed settings and counters of the one demo on this site."""

    def __init__(self):
        self._pending: dict[str, list[str]] = {}

    @staticmethod
    def exists() -> bool:
        """Whether there is a demo on this site, complete or not."""
        return bool(frappe.db.exists("DefaultValue", {"parent": PARENT}))

    def add(self, doctype: str, *names: str) -> None:
        """Note records; written at the next `commit`."""
        self._pending.setdefault(doctype, []).extend(names)

    def commit(self) -> None:
        """Write what is noted and the state of the counters, and commit it with the records."""
        for doctype, names in self._pending.items():
            for start in range(0, len(names), NAMES_PER_ROW):
                _write(f"records:{doctype}", names[start : start + NAMES_PER_ROW])
        self._pending.clear()
        self._note_counters()
        frappe.db.commit()

    def rollback(self) -> None:
        """Forget what was not committed."""
        self._pending.clear()
        frappe.db.rollback()

    def begin(self, about: dict) -> None:
        """Start the list, with the counters as they are."""
        _write("about", about)
        _write("counters_before", counters())
        self.commit()

    def change_settings(self, doctype: str, values: dict, key: str = "settings") -> None:
        """Change fields of a Single, remembering what was there."""
        fields = list(values)
        before = _single_rows(doctype, fields)
        frappe.db.set_single_value(doctype, values)
        _write(key, {"doctype": doctype, "before": before, "after": _single_rows(doctype, fields)})

    def change_defaults(self, values: dict[str, str]) -> None:
        """Change the site's defaults, remembering what was there."""
        for key, value in values.items():
            before = default_rows(key)
            frappe.db.set_default(key, value)
            _write("default", {"key": key, "before": before, "after": default_rows(key)})

    @staticmethod
    def about() -> dict:
        """How the demo was made."""
        return next(iter(_read("about")), {})

    @staticmethod
    def records() -> dict[str, list[str]]:
        """{doctype: names} of everything that was created, in the order of creation."""
        found: dict[str, list[str]] = {}
        for key, value in _rows("records:%"):
            found.setdefault(key.partition(":")[2], []).extend(json.loads(value))
        return found

    @staticmethod
    def take_settings(key: str = "settings") -> list[dict]:
        """Changes of settings, the last one first; they are forgotten, to be put back."""
        changes = _read(key)[::-1]
        frappe.db.delete("DefaultValue", {"parent": PARENT, "defkey": key})
        return changes

    @staticmethod
    def defaults() -> list[dict]:
        """Changes of the site's defaults, the last one first."""
        return _read("default")[::-1]

    @staticmethod
    def counters() -> tuple[dict[str, int], dict[str, int]]:
        """The naming series before the demo and as it left them."""
        return next(iter(_read("counters_before")), {}), next(iter(_read("counters_after")), {})

    @staticmethod
    def forget() -> None:
        """Remove the list itself."""
        frappe.db.delete("DefaultValue", {"parent": PARENT})

    @staticmethod
    def _note_counters() -> None:
        frappe.db.delete("DefaultValue", {"parent": PARENT, "defkey": "counters_after"})
        _write("counters_after", counters())


def counters() -> dict[str, int]:
    """All naming series of the site."""
    return {name: int(current) for name, current in frappe.db.sql("select name, current from `tabSeries`")}


def default_rows(key: str) -> list[str]:
    """The values of one of the site's defaults."""
    filters = {"parent": "__default", "defkey": key}
    return frappe.get_all("DefaultValue", filters, pluck="defvalue", order_by="creation")


def _single_rows(doctype: str, fields: list[str]) -> dict[str, str]:
    """Stored values as they are, with who changed the record last; a field that is not stored is absent."""
    singles = frappe.qb.Table("tabSingles")
    query = frappe.qb.from_(singles).select(singles.field, singles.value)
    return dict(
        query.where(
            (singles.doctype == doctype) & singles.field.isin([*fields, "modified", "modified_by"])
        ).run()
    )


def _write(key: str, value: Iterable) -> None:
    frappe.get_doc(
        {
            "doctype": "DefaultValue",
            "name": frappe.generate_hash(length=12),
            "parent": PARENT,
            "parenttype": PARENT,
            "parentfield": "system_defaults",
            "defkey": key,
            "defvalue": json.dumps(value, ensure_ascii=False, default=str),
            "idx": _next_index(),
        }
    ).db_insert()


def _next_index() -> int:
    last = frappe.db.sql("select ifnull(max(idx), 0) from `tabDefaultValue` where parent = %s", PARENT)
    return int(last[0][0]) + 1


def _rows(pattern: str) -> list[tuple[str, str]]:
    return frappe.db.sql(
        "select defkey, defvalue from `tabDefaultValue` where parent = %s and defkey like %s order by idx",
        (PARENT, pattern),
    )


def _read(key: str) -> list:
    return [json.loads(value) for _key, value in _rows(key)]

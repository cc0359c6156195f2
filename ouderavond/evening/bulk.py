"""Many rows at once, with the values that the platform gives a new record by itself.

No validation, hooks or versions run: whoever calls this has validated the whole set. Texts are kept as the
platform keeps them, whose desk shows them as they are: without what a browser would carry out. Written as SQL
because the platform's own bulk insert renders every value through its query builder and takes three times as
long.
"""

import re
from collections.abc import Iterable, Sequence

import frappe
from frappe.utils import now
from frappe.utils.html_utils import sanitize_html

# Rows in one statement: well below the server's limit on a statement's size.
CHUNK = 10_000
# How a tag, a comment or the like begins.
TAG = re.compile(r"<[a-zA-Z/!?]")
TEXTS = ("Data", "Small Text")


def insert_rows(doctype: str, rows: Iterable[dict]) -> int:
    """Write records of one DocType; each row has a name, and a child row its parent (see `child_row`).

    Returns:
        How many rows were written.
    """
    rows = list(rows)
    if not rows:
        return 0
    written_at, user = now(), frappe.session.user
    meta = frappe.get_meta(doctype)
    new = frappe.new_doc(doctype).get_valid_dict(
        convert_dates_to_str=True, ignore_nulls=True, ignore_virtual=True
    )
    # The platform fills an empty time of day with the present one, which is never meant here.
    times = {field.fieldname for field in meta.fields if field.fieldtype == "Time"}
    defaults = {key: value for key, value in new.items() if key not in times}
    defaults |= {"creation": written_at, "modified": written_at, "owner": user, "modified_by": user}
    named = {key for row in rows for key in row} | {
        key for key, value in defaults.items() if value is not None
    }
    columns = [column for column in meta.get_valid_columns() if column in named]
    texts = _texts(doctype, columns)
    rows = [defaults | _clean(row, texts) for row in rows]
    insert_values(doctype, columns, [[row.get(column) for column in columns] for row in rows])
    return len(rows)


def clean(doctype: str, values: dict) -> dict:
    """Values of fields as the platform would keep them from a form."""
    return _clean(values, _texts(doctype, values))


def _clean(values: dict, texts: Iterable[str]) -> dict:
    markup = [name for name in texts if _is_markup(values.get(name))]
    return dict(values) | {name: sanitize_html(values[name], always_sanitize=True) for name in markup}


def _is_markup(value) -> bool:
    return isinstance(value, str) and bool(TAG.search(value))


def _texts(doctype: str, names: Iterable[str]) -> list[str]:
    fields = [field for name in names if (field := frappe.get_meta(doctype).get_field(name))]
    return [field.fieldname for field in fields if field.fieldtype in TEXTS and not field.ignore_xss_filter]


def insert_values(
    doctype: str, columns: Sequence[str], rows: Sequence[Sequence], *, ignore_duplicates: bool = False
) -> None:
    """Write rows of values as they are, in one statement unless there are very many.

    Raises:
        pymysql.err.IntegrityError: a unique key refuses a row, unless `ignore_duplicates`.
    """
    insert = "INSERT IGNORE" if ignore_duplicates else "INSERT"
    names = ", ".join(f"`{column}`" for column in columns)
    row = f"({', '.join(['%s'] * len(columns))})"
    for first in range(0, len(rows), CHUNK):
        chunk = rows[first : first + CHUNK]
        frappe.db.sql(
            f"{insert} INTO `tab{doctype}` ({names}) VALUES {', '.join([row] * len(chunk))}",
            [value for values in chunk for value in values],
        )


def update_values(doctype: str, columns: Sequence[str], rows: Sequence[Sequence]) -> None:
    """Write values into rows that are there, in one statement unless there are very many.

    Args:
        columns: `name` among them, which says whose the other values are. What they leave out stays.
    """
    names = ", ".join(f"`{column}`" for column in columns)
    row = f"({', '.join(['%s'] * len(columns))})"
    new = ", ".join(f"`{column}` = VALUES(`{column}`)" for column in columns if column != "name")
    texts = _texts(doctype, columns)
    rows = [[*_clean(dict(zip(columns, values, strict=True)), texts).values()] for values in rows]
    for first in range(0, len(rows), CHUNK):
        chunk = rows[first : first + CHUNK]
        frappe.db.sql(
            f"INSERT INTO `tab{doctype}` ({names}) VALUES {', '.join([row] * len(chunk))} "
            f"ON DUPLICATE KEY UPDATE {new}",
            [value for values in chunk for value in values],
        )


def child_row(parenttype: str, parent: str, parentfield: str, idx: int, **values) -> dict:
    """A row of a child table, with a name."""
    place = {"parenttype": parenttype, "parent": parent, "parentfield": parentfield, "idx": idx}
    return {"name": frappe.generate_hash(length=10), "docstatus": 0, **place, **values}

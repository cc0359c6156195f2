"""Offering from a file: bring it, look at what its lines will do, then do it."""

import csv
import io
import zlib

import frappe
from frappe import _
from frappe.utils import cint

from ouderavond.api import callers, running
from ouderavond.evening.offering import export, from_file, stored_file
from ouderavond.evening.offering.from_file import AGAIN, EXISTS, NEW, REFUSED, REPEATED, Row

# So long the result of a preview can be paged through; then it is worked out again.
REMEMBERED_SECONDS = 3600
# Problems that come with the preview itself.
FIRST_PROBLEMS = 200
PAGE = 500
# Which lines a list shows, by the name of the filter.
SHOWN = {
    "all": lambda row: True,
    "made": lambda row: row.outcome in (NEW, AGAIN),
    "there": lambda row: row.outcome in (EXISTS, REPEATED),
    "refused": lambda row: row.outcome == REFUSED,
    "marked": lambda row: row.is_marked,
}


@frappe.whitelist(methods=["POST"])
def receive() -> dict:
    """Keep an uploaded file: {file, checksum}. The platform's upload_file calls this with `method`."""
    callers.staff()
    content = getattr(frappe.local, "uploaded_file", None)
    if content is None:
        frappe.throw(_("No file has arrived."))
    from_file.read_lines(content)
    file, checksum = stored_file.keep(content)
    return {"file": file, "checksum": checksum}


@frappe.whitelist(methods=["POST"])
def preview(
    evening: str, file: str | None = None, checksum: str | None = None, text: str | None = None
) -> dict:
    """What the lines of a file, or of text that was pasted, would do.

    Returns:
        {file, checksum, encoding, lines, outcomes, reasons, marked, …, problems}: figures of the whole file,
        and its first problems. `lines` and `result` tell the rest.
    """
    callers.staff()
    if not file:
        content = (text or "").encode()
        from_file.read_lines(content)
        file, checksum = stored_file.keep(content)
    rows, encoding = _work_out(evening, file, checksum or "")
    problems = [row for row in rows if row.outcome == REFUSED]
    return {
        "file": file,
        "checksum": checksum,
        "encoding": encoding,
        **from_file.summary(rows),
        "problems": _shown(problems[:FIRST_PROBLEMS]),
    }


@frappe.whitelist(methods=["GET", "POST"])
def lines(
    evening: str,
    file: str,
    checksum: str,
    start: int = 0,
    length: int = 200,
    order_by: str | None = None,
    show: str = "all",
    search: str | None = None,
) -> dict:
    """A page of the lines of a file with what becomes of them: {rows, total}."""
    callers.staff()
    rows = [row for row in _remembered(evening, file, checksum) if SHOWN.get(show, SHOWN["all"])(row)]
    if search:
        wanted = search.casefold()
        rows = [row for row in rows if wanted in "\t".join(row.cells).casefold()]
    first = max(cint(start), 0)
    found = _sorted(rows, order_by)[first : first + min(cint(length), PAGE)]
    return {"rows": _shown(found), "total": len(rows)}


@frappe.whitelist(methods=["GET"])
def result(evening: str, file: str, checksum: str) -> None:
    """What becomes of every line, as a file for a spreadsheet."""
    callers.staff()
    rows = _shown(_remembered(evening, file, checksum))
    # A spreadsheet that writes 1,5 for one and a half expects semicolons.
    comma = (frappe.db.get_default("number_format") or "").endswith(",##")
    text = io.StringIO()
    writer = csv.writer(text, delimiter=";" if comma else ",")
    writer.writerow(
        [
            _("Line", context="Offers"),
            _("Student", context="Offers"),
            _("Instructor", context="Offers"),
            _("Course"),
            _("Student", context="Offers"),
            _("Outcome"),
            _("Remark"),
        ]
    )
    for row in rows:
        writer.writerow(
            [
                export.harmless(row[key])
                for key in (
                    "line",
                    "student",
                    "instructor",
                    "course",
                    "student_name",
                    "outcome_label",
                    "remark",
                )
            ]
        )
    frappe.response["type"] = "binary"
    frappe.response["filename"] = "offers-from-file.csv"
    frappe.response["filecontent"] = text.getvalue().encode("utf-8-sig")


@frappe.whitelist(methods=["POST"])
def apply(evening: str, file: str, checksum: str, dry_run: int = 0) -> dict:
    """Offer what the file says: the one that was looked at, and no other."""
    callers.staff()
    content = stored_file.content(file, checksum)
    return running.answer(
        from_file.offer_stored,
        evening,
        size=len(from_file.read_lines(content).lines),
        dry_run=dry_run,
        file=file,
        checksum=checksum,
    )


@frappe.whitelist(methods=["POST"])
def forget(evening: str, file: str) -> None:
    """Delete a file that is not going to be applied."""
    callers.staff()
    stored_file.remove(file)


# The result of a preview, kept for a while


def _work_out(evening: str, file: str, checksum: str) -> tuple[list[Row], str]:
    encoding, rows = from_file.preview(evening, stored_file.content(file, checksum))
    packed = zlib.compress(frappe.as_json([_packed(row) for row in rows], indent=None).encode(), 1)
    frappe.cache.set_value(_key(evening, file), packed, expires_in_sec=REMEMBERED_SECONDS)
    return rows, encoding


def _remembered(evening: str, file: str, checksum: str) -> list[Row]:
    stored_file.content(file, checksum)
    packed = frappe.cache.get_value(_key(evening, file), expires=True)
    if not packed:
        return _work_out(evening, file, checksum)[0]
    return [_unpacked(values) for values in frappe.parse_json(zlib.decompress(packed).decode())]


def _key(evening: str, file: str) -> str:
    return f"ouderavond_file_preview:{evening}:{file}"


def _packed(row: Row) -> list:
    return list(row)


def _unpacked(values: list) -> Row:
    row = Row(*values)
    reasons = tuple(from_file.Reason(*reason) for reason in row.reasons)
    return row._replace(cells=tuple(row.cells), reasons=reasons)


# As it is shown


def _sorted(rows: list[Row], order_by: str | None) -> list[Row]:
    key, _space, direction = (order_by or "").partition(" ")
    keys = {
        "line": lambda row: row.line,
        "outcome": lambda row: from_file.OUTCOMES.index(row.outcome),
        "remark": from_file.remark,
        **{kind: lambda row, i=i: row.cells[i : i + 1] for i, kind in enumerate(from_file.KINDS)},
    }
    return sorted(rows, key=keys.get(key, keys["line"]), reverse=direction == "desc")


def _shown(rows: list[Row]) -> list[dict]:
    names = _names("Student", "student_name", {row.student for row in rows if row.student})
    return [
        {
            "line": row.line,
            **{kind: row.cells[i] if i < len(row.cells) else "" for i, kind in enumerate(from_file.KINDS)},
            "student_name": names.get(row.student, ""),
            "outcome": row.outcome,
            "outcome_label": from_file.outcome_label(row.outcome),
            "marked": row.is_marked,
            "remark": from_file.remark(row),
        }
        for row in rows
    ]


def _names(doctype: str, field: str, names: set[str]) -> dict[str, str]:
    filters = {"name": ("in", list(names) or [""])}
    return dict(frappe.get_all(doctype, filters, ["name", field], as_list=True))

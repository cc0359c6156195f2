"""An overview as a file for who asked for it: a private File that nobody else may read, gone after a day."""

import frappe
from frappe import _
from frappe.utils import add_days, now_datetime

from ouderavond.evening.offering import export
from ouderavond.evening.offering.report import Report
from ouderavond.evening.overviews import choosing, kinds, letter_head, pdf
from ouderavond.evening.overviews.labels import text
from ouderavond.evening.overviews.reading import Facts

FORMATS = ("pdf", *export.FORMATS)
PREFIX = "ouderavond-overview-"
# So many rows are set in less than two seconds.
FEW = 200


def content(
    evening: str,
    kind: str,
    file_format: str,
    filters: dict | None = None,
    head: str | None = None,
    progress=None,
) -> bytes:
    """The bytes of a file.

    Args:
        kind: a key of `kinds.KINDS`.
        file_format: one of FORMATS.
        filters: with the switches, as `choosing.read` takes them.
        head: which letter head stands on paper, as `letter_head.html` takes it.

    Raises:
        frappe.ValidationError: there is nothing to print, or something is not known.
    """
    if file_format not in FORMATS:
        frappe.throw(_("The file can be {0}.").format(", ".join(FORMATS)))
    facts = Facts(evening, choosing.read(filters))
    if file_format != "pdf":
        return export.as_file(_lines(kinds.page(facts, kind), file_format), file_format)
    sheets = kinds.printed(facts, kind)
    if not sheets:
        frappe.throw(_nothing(facts, kind))
    at_top = letter_head.html(head, facts.evening)
    return pdf.make(sheets, at_top, kinds.is_landscape(facts, kind), progress)


def _nothing(facts: Facts, kind: str) -> str:
    if "untold" in kinds.of(kind).switches and not facts.chosen.untold and facts.planned:
        return _("Nothing of this was published yet. Choose also what is not published to print it anyway.")
    return _("There is nothing to print for what was chosen.")


def _lines(found: dict, file_format: str) -> list[list]:
    keys = [column["key"] for column in found["columns"]]
    heads = [column["label"] for column in found["columns"]]
    # A spreadsheet sorts dates as dates; a text file has them as people write them.
    rows = [
        [row[key] if file_format == "xlsx" or isinstance(row[key], int) else text(row[key]) for key in keys]
        for row in found["rows"]
    ]
    return [heads, *rows]


def size(evening: str, kind: str, file_format: str, filters: dict | None) -> int:
    """About how many rows have to be set, to know whether it takes long."""
    rows = kinds.of(kind).rows
    return len(rows(Facts(evening, choosing.read(filters)))) if file_format == "pdf" else 0


def make(
    evening: str,
    *,
    kind: str,
    file_format: str,
    filters: dict | None = None,
    head: str | None = None,
    dry_run: bool = False,
    progress=None,
) -> Report:
    """Make a file and keep it for the session's user: its address is in `more` of the report."""
    found = content(evening, kind, file_format, filters, head, progress)
    remove_old()
    name = f"{PREFIX}{frappe.scrub(kind)}-{frappe.generate_hash(length=16)}.{file_format}"
    doc = frappe.get_doc({"doctype": "File", "file_name": name, "is_private": 1, "content": found})
    doc.insert(ignore_permissions=True)
    return Report("Overview", more={"url": doc.file_url, "name": file_name(evening, kind, file_format)})


def file_name(evening: str, kind: str, file_format: str) -> str:
    """How the file is called on the computer of who asked for it."""
    title = frappe.db.get_value("Parent Evening", evening, "title") or evening
    label = f"{title} {kinds.of(kind).label()}"
    return f"{''.join(one if one.isalnum() else '-' for one in label).strip('-')}.{file_format}"


def remove_old() -> None:
    """Delete the files of yesterday and before. Names and requests do not lie about on the server."""
    old = {
        "file_name": ("like", f"{PREFIX}%"),
        "is_private": 1,
        "attached_to_doctype": ("is", "not set"),
        "creation": ("<", add_days(now_datetime(), -1)),
    }
    for name in frappe.get_all("File", old, pluck="name"):
        frappe.delete_doc("File", name, ignore_permissions=True, delete_permanently=True)

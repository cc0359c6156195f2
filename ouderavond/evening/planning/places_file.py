"""Who sits where as a file for a spreadsheet, and such a file read to edits, as `places.plan` takes them."""

import csv
import io
import zipfile
from collections.abc import Iterable
from datetime import date, datetime, time
from itertools import islice

import frappe
from frappe import _
from frappe.utils import cstr, format_date, getdate
from openpyxl import load_workbook

from ouderavond.evening.offering import export
from ouderavond.evening.offering.file_reading import NotReadable, decode
from ouderavond.evening.planning import places

MOST_BYTES = 5_000_000
MOST_LINES = 5_000
# What a workbook may be once it is unpacked, and how far it is looked through for lines that hold something.
MOST_UNPACKED = 30_000_000
MOST_ROWS, MOST_COLUMNS = 20_000, 100


def heads() -> dict[str, str]:
    """The column heads, in the reader's language."""
    return {
        "code": _("Code"),
        "title": _("Instructor", context="Planning"),
        "date": _("Date"),
        "present_from": _("Present From"),
        "present_until": _("Present Until"),
        "room": _("Room", context="Planning"),
        "shared_room": _("Shared Room"),
        "table_label": _("Table"),
        "break_after": _("Break After"),
        "maximum_conversations": _("Maximum"),
        "conversations": _("Conversations"),
        "instructor": _("Record"),
    }


def table(evening) -> list[list]:
    """Heads and a row per instructor and date, as people read them."""
    found = places.read(evening)
    titles = {room["name"]: room["title"] for room in found["rooms"]}
    fields = heads()
    return [list(fields.values()), *([_cell(row, name, titles) for name in fields] for row in found["rows"])]


def _cell(row: dict, name: str, titles: dict):
    value = row.get(name)
    if name == "shared_room":
        return _("Yes") if value else _("No")
    if name == "room":
        return titles.get(value, value or "")
    if name in ("break_after", "maximum_conversations"):
        return value or ""
    return "" if value is None else value


def as_file(evening, kind: str) -> bytes:
    """The same as the contents of a file: csv or xlsx.

    Raises:
        frappe.ValidationError: another kind.
    """
    return export.as_file(table(evening), kind)


# Reading


class Reading:
    """A file that was read: `edits`, and a sentence per line that could not be used."""

    def __init__(self):
        self.edits: list[dict] = []
        self.problems: list[str] = []
        self.lines = 0


def read(evening, name: str, content: bytes) -> Reading:
    """The edits of a file. A column that the file does not have stays as it is; an empty cell empties.

    Args:
        evening: Parent Evening document.
        name: the file's name; .xlsx is a workbook, of which the first sheet is read, anything else text.

    Raises:
        frappe.ValidationError: it cannot be read, or has no columns for the instructor and the date.
    """
    if len(content) > MOST_BYTES:
        frappe.throw(_("This file is too large."))
    lines = _workbook(content) if name.lower().endswith(".xlsx") else _text(content)
    if len(lines) > MOST_LINES:
        frappe.throw(_("At most {0} rows are changed at once.").format(MOST_LINES))
    columns = _columns(lines[0] if lines else [])
    return _Lines(evening, columns).read(lines[1:])


def _workbook(content: bytes) -> list[list]:
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as parts:
            size = sum(part.file_size for part in parts.infolist())
        if size > MOST_UNPACKED:
            frappe.throw(_("This file is too large."))
        book = load_workbook(io.BytesIO(content), read_only=True, data_only=True)
        sheet = book.active
        # What a file says of its own size need not be true.
        sheet.reset_dimensions()
        return _at_most(islice(sheet.iter_rows(max_col=MOST_COLUMNS, values_only=True), MOST_ROWS))
    except frappe.ValidationError:
        raise
    except Exception:
        # Whatever the reader of workbooks stumbles over: the file was written to make it, or is broken.
        frappe.throw(_("This file could not be read as a workbook."))


def _text(content: bytes) -> list[list]:
    try:
        text, _encoding = decode(content)
    except NotReadable:
        frappe.throw(_("This file is no text. Save it as CSV or as an Excel workbook (.xlsx)."))
    first = text.partition("\n")[0]
    separator = max("\t;,", key=first.count)
    try:
        return _at_most(csv.reader(io.StringIO(text), delimiter=separator))
    except csv.Error:
        frappe.throw(_("This file could not be read."))


def _at_most(lines: Iterable) -> list[list]:
    """The lines that hold something, no more than it takes to see that they are too many."""
    filled = (list(line) for line in lines if any(cstr(cell).strip() for cell in line))
    return list(islice(filled, MOST_LINES + 1))


def _columns(head: list) -> dict[int, str]:
    """{position: field}, by the heads in the reader's language, in English or as the fields are called."""
    known = {name: name for name in heads()}
    known |= {text.casefold(): name for name, text in heads().items()}
    known |= {"instructor": "title", "present from": "present_from", "present until": "present_until"}
    known |= {"shared room": "shared_room", "table": "table_label", "break after": "break_after"}
    known |= {"maximum": "maximum_conversations", "record": "instructor"}
    found = {
        i: known[text] for i, cell in enumerate(head) if (text := cstr(cell).strip().casefold()) in known
    }
    named = set(found.values())
    if "date" not in named or not named & {"code", "title", "instructor"}:
        frappe.throw(
            _("The first line must name the columns, and among them {0} and {1} or {2}.").format(
                heads()["date"], heads()["code"], heads()["title"]
            )
        )
    return found


class _Lines:
    def __init__(self, evening, columns: dict[int, str]):
        self.columns, self.reading = columns, Reading()
        self.dates = {}
        for row in evening.dates:
            day = getdate(row.date)
            for text in (str(day), format_date(day), format_date(day, "full"), format_date(day, "d MMM")):
                self.dates[text.casefold()] = day
        self.called: dict[str, dict[str, set[str]]] = {"code": {}, "title": {}, "instructor": {}}
        people = frappe.get_all("Instructor", fields=["name", "instructor_name", "ouderavond_code"])
        for row in people:
            for kind, text in (
                ("code", row.ouderavond_code),
                ("title", row.instructor_name),
                ("instructor", row.name),
            ):
                if text:
                    self.called[kind].setdefault(text.strip().casefold(), set()).add(row.name)

    def read(self, lines: list[list]) -> Reading:
        for number, line in enumerate(lines, 2):
            cells = {name: line[i] for i, name in self.columns.items() if i < len(line)}
            self.reading.lines += 1
            try:
                edit = {"instructor": self._who(cells), "date": str(self._day(cells.get("date")))}
            except ValueError as error:
                self.reading.problems.append(_("Line {0}: {1}").format(number, error))
                continue
            edit["values"] = {name: _written(cells[name]) for name in places.FIELDS if name in cells}
            self.reading.edits.append(edit)
        return self.reading

    def _who(self, cells: dict) -> str:
        said = ""
        for kind in ("instructor", "code", "title"):
            text = cstr(cells.get(kind)).strip().lstrip("'")
            found = self.called[kind].get(text.casefold(), set()) if text else set()
            if len(found) == 1:
                return next(iter(found))
            if found:
                raise ValueError(_("several instructors are called {0}.").format(text))
            said = said or text
        raise ValueError(_("there is no instructor {0}.").format(said))

    def _day(self, value) -> date:
        if isinstance(value, datetime):
            return value.date()
        if isinstance(value, date):
            return value
        text = cstr(value).strip()
        found = self.dates.get(text.casefold())
        if not found:
            raise ValueError(_("{0} is not a date of this evening.").format(text or "–"))
        return found


def _written(value) -> str:
    """A cell of a spreadsheet as somebody would type it."""
    if isinstance(value, datetime | time):
        return f"{value:%H:%M}"
    if isinstance(value, float):
        return str(int(value)) if value.is_integer() else str(value)
    # What our own files put before a text that looks like a formula.
    return cstr(value).strip().removeprefix("'")

"""Offering from a file: what each of its lines will do or why not, and doing it. Adds, never removes."""

from collections import Counter
from collections.abc import Callable, Iterable
from typing import NamedTuple

import frappe
from frappe import _

from ouderavond.evening.offering import file_reading, stored_file
from ouderavond.evening.offering.changes import Draft, Edit, perform
from ouderavond.evening.offering.file_lookup import KINDS, Known
from ouderavond.evening.offering.file_reading import Line
from ouderavond.evening.offering.report import Report

OPERATION = "Offer from File"
# What a line may come to, in the order of the columns.
NEW, AGAIN, EXISTS, REPEATED, REFUSED = OUTCOMES = ("new", "again", "exists", "repeated", "refused")
# More refused lines than these are counted by their reason and not told one by one.
MOST_SKIPPED = 200


class Reason(NamedTuple):
    """Why a line is refused; `value` is what of the line is wrong, or the name of whom it is about."""

    code: str
    value: str = ""


class Row(NamedTuple):
    """What becomes of a line: the records it means, and how it differs from the timetable and the package."""

    line: int
    cells: tuple[str, ...]
    outcome: str
    student: str | None = None
    instructor: str | None = None
    course: str | None = None
    reasons: tuple[Reason, ...] = ()
    repeats: int | None = None
    in_package: bool = True
    in_timetable: bool = True

    @property
    def is_marked(self) -> bool:
        """Accepted, but not what the school's own records say."""
        return self.outcome != REFUSED and not (self.in_package and self.in_timetable)


# What becomes of the lines


def classify(lines: Iterable[Line], known: Known) -> list[Row]:
    """What each line will do, or why nothing; in order."""
    rows: list[Row] = []
    first: dict[tuple, int] = {}
    for line in lines:
        row = _resolved(line, known)
        if not rows and _is_head(row):
            row = row._replace(reasons=(Reason("header"),))
        if not row.reasons:
            means = (row.student, row.instructor, row.course)
            repeats = first.setdefault(means, line.number)
            row = _compared(row, known) if repeats == line.number else _repeating(row, repeats)
        rows.append(row)
    return rows


def _resolved(line: Line, known: Known) -> Row:
    if not line.is_whole:
        code = "separator" if len(line.cells) == 1 and set(line.cells[0]) & set(";,") else "columns"
        return Row(line.number, line.cells, REFUSED, reasons=(Reason(code, str(len(line.cells))),))
    found, reasons = {}, []
    for kind, value in zip(KINDS, line.cells, strict=True):
        directory = known.directories[kind]
        matches = directory.find(value) if value else ()
        if len(matches) == 1:
            [found[kind]] = matches
            reasons += _not_available(kind, found[kind], known)
        else:
            state = "ambiguous" if matches else "unknown" if value else "missing"
            reasons.append(Reason(f"{kind}_{state}", value))
    return Row(line.number, line.cells, REFUSED, **found, reasons=tuple(reasons))


def _not_available(kind: str, name: str, known: Known) -> list[Reason]:
    directory = known.directories[kind]
    if name in directory.gone:
        return [Reason(f"{kind}_left", directory.labels[name])]
    if kind == "student" and name not in known.participants:
        return [Reason("not_participating", directory.labels[name])]
    return []


def _is_head(row: Row) -> bool:
    unknown = [reason.code for reason in row.reasons] == [f"{kind}_unknown" for kind in KINDS]
    return unknown and not any(character.isdigit() for character in "".join(row.cells))


def _repeating(row: Row, line: int) -> Row:
    return row._replace(outcome=REPEATED, repeats=line)


def _compared(row: Row, known: Known) -> Row:
    offered = known.there.get((row.student, row.course, row.instructor))
    taught = (row.student, row.course, row.instructor)
    return row._replace(
        outcome=NEW if offered is None else EXISTS if offered else AGAIN,
        in_package=row.course in known.packages.get(row.student, ()),
        in_timetable=known.taught is None or taught in known.taught,
    )


def reason_sentence(reason: Reason) -> str:
    """Why a line is refused, in words."""
    sentences = {
        "header": _("This looks like a header line. The file needs none; the line is left out."),
        "separator": _("1 column instead of 3. Put tabs between them, no commas or semicolons."),
        "columns": _("{0} columns instead of 3."),
        "student_missing": _("The student number is missing."),
        "student_unknown": _("There is no student with the number {0}."),
        "student_ambiguous": _("Several students have the number {0}."),
        "student_left": _("{0} has left the school."),
        "not_participating": _("{0} does not take part in this evening."),
        "instructor_missing": _("The instructor's code is missing."),
        "instructor_unknown": _("There is no instructor with the code {0}."),
        "instructor_ambiguous": _("Several instructors have the code {0}."),
        "instructor_left": _("{0} has left the school."),
        "course_missing": _("The course's code is missing."),
        "course_unknown": _("There is no course with the code {0}."),
        "course_ambiguous": _("Several courses have the code {0}."),
    }
    return sentences[reason.code].format(reason.value)


def outcome_label(outcome: str) -> str:
    """What a line comes to, in a word or two."""
    return {
        NEW: _("New"),
        AGAIN: _("Offered Again"),
        EXISTS: _("There Already"),
        REPEATED: _("Repeated"),
        REFUSED: _("Refused"),
    }[outcome]


def remark(row: Row) -> str:
    """What there is to say about a line, in sentences."""
    if row.reasons:
        return " ".join(reason_sentence(reason) for reason in row.reasons)
    said = []
    if row.repeats:
        said.append(_("The same as line {0}.").format(row.repeats))
    if row.is_marked and not row.in_package:
        said.append(_("Not in the student's package."))
    if row.is_marked and not row.in_timetable:
        said.append(_("Not in the timetable."))
    return " ".join(said)


def summary(rows: list[Row]) -> dict:
    """The figures of a file: lines, lines by outcome, refused lines by reason, and the marked ones."""
    outcomes = Counter(row.outcome for row in rows)
    reasons = Counter(row.reasons[0].code for row in rows if row.reasons)
    return {
        "lines": len(rows),
        "outcomes": {outcome: outcomes[outcome] for outcome in OUTCOMES},
        "reasons": dict(reasons.most_common()),
        "marked": sum(row.is_marked for row in rows),
        "not_in_package": sum(row.is_marked and not row.in_package for row in rows),
        "not_in_timetable": sum(row.is_marked and not row.in_timetable for row in rows),
        "has_header": bool(rows and rows[0].reasons and rows[0].reasons[0].code == "header"),
    }


# Doing it


def read_lines(content: bytes) -> file_reading.Reading:
    """Read a file, and refuse with a sentence what is none.

    Raises:
        frappe.ValidationError: it cannot be read.
    """
    try:
        reading = file_reading.read(content)
    except file_reading.NotReadable as error:
        frappe.throw(
            {
                "too_large": _("The file is larger than 10 MB. Split it into smaller ones."),
                "too_many_lines": _("The file has more than 200,000 lines. Split it into smaller ones."),
                "not_text": _(
                    "This is not a text file. Save the spreadsheet as text with tabs, or copy its three "
                    "columns and paste them."
                ),
            }[error.code],
            title=_("From a File"),
        )
    if not reading.lines:
        frappe.throw(_("The file has no lines."), title=_("From a File"))
    return reading


def preview(evening: str, content: bytes) -> tuple[str, list[Row]]:
    """The encoding of a file, and what each of its lines would do now.

    Raises:
        frappe.ValidationError: it cannot be read.
    """
    reading = read_lines(content)
    return reading.encoding, classify(reading.lines, Known.of(frappe.get_doc("Parent Evening", evening)))


def offer(
    evening: str,
    content: bytes,
    *,
    dry_run: bool = False,
    progress: Callable[[int, int], None] | None = None,
) -> Report:
    """Offer what the lines of a file say, as far as they can be understood. Commits.

    Args:
        evening: name of the Parent Evening.
        content: the bytes of the file.
        dry_run: count, write nothing.
        progress: called with (done, total) while writing.

    Raises:
        frappe.ValidationError: it cannot be read.
    """
    lines = read_lines(content).lines

    def work(edit: Edit) -> None:
        rows = classify(lines, Known.of(edit.evening))
        edit.report.more = summary(rows)
        edit.add(_draft(row) for row in rows if row.outcome not in (REFUSED, REPEATED))
        _skip(edit, [row for row in rows if row.reasons])

    return perform(evening, OPERATION, work, dry_run=dry_run, progress=progress)


def _draft(row: Row) -> Draft:
    return Draft(
        row.student,
        row.course,
        (row.instructor,),
        course=row.course,
        source="File",
        in_package=int(row.in_package),
    )


def _skip(edit: Edit, refused: list[Row]) -> None:
    for row in refused[:MOST_SKIPPED]:
        edit.skip(row.reasons[0].code, remark(row), line=row.line)
    if len(refused) > MOST_SKIPPED:
        edit.skip(
            "more_lines",
            _("More lines are refused. The full result of the file lists them."),
            len(refused) - MOST_SKIPPED,
        )


def offer_stored(
    evening: str,
    file: str,
    checksum: str,
    *,
    dry_run: bool = False,
    progress: Callable[[int, int], None] | None = None,
) -> Report:
    """`offer` for a file that was kept for the preview, which goes when it has been applied. Commits.

    Raises:
        frappe.ValidationError: it is gone, is not the one that was looked at, or cannot be read.
    """
    content = stored_file.content(file, checksum)
    report = offer(evening, content, dry_run=dry_run, progress=progress)
    if not dry_run:
        stored_file.remove(file)
        frappe.db.commit()
    return report

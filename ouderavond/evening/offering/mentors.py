"""Conversations with the mentors of a class: for every student of it, whatever the lessons."""

from collections import defaultdict
from collections.abc import Callable

import frappe
from frappe import _

from ouderavond.evening.lessons import memberships
from ouderavond.evening.offering.changes import Draft, Edit, perform
from ouderavond.evening.offering.report import Report

LONGEST_ABBREVIATION = 20
LONGEST_SUBJECT = 140


def classes(evening) -> list[dict]:
    """The participants' classes, by program and name.

    Returns:
        A dict each: group, program, students (participants), offered (of these have a mentor conversation),
        mentors [{name, title, code}], marked (0 where the class's only instructor stands in for a mentor).
    """
    members = _members(evening)
    found = frappe.get_all(
        "Student Group",
        {"name": ("in", list(members) or [""]), "group_based_on": "Batch"},
        ["name", "student_group_name", "program"],
        order_by="program, name",
    )
    mentors = _mentors([row.name for row in found])
    offered = _with_offer(evening)
    return [
        {
            "group": row.name,
            "title": row.student_group_name or row.name,
            "program": row.program,
            "students": len(members[row.name]),
            "offered": len(offered & set(members[row.name])),
            "mentors": [
                {"name": one.instructor, "title": one.instructor_name, "code": one.code or ""}
                for one in mentors[row.name]
            ],
            "marked": int(any(one.mentor for one in mentors[row.name])),
        }
        for row in found
    ]


def wording(evening) -> dict:
    """Subject and abbreviation of mentor conversations: the evening's last, or those to begin with."""
    last = frappe.get_all(
        "Conversation Offer",
        {"evening": evening.name, "source": "Mentor"},
        ["subject", "abbreviation"],
        order_by="creation desc",
        limit=1,
    )
    if last:
        return {"subject": last[0].subject, "abbreviation": last[0].abbreviation or ""}
    subject = _("Mentor", context="Subject of a conversation")
    return {"subject": subject, "abbreviation": subject[:3].lower()}


def offer(
    evening: str,
    groups: list[str] | None = None,
    subject: str | None = None,
    abbreviation: str | None = None,
    *,
    dry_run: bool = False,
    progress: Callable[[int, int], None] | None = None,
) -> Report:
    """Offer each student of some classes one conversation with all mentors of the class. Commits.

    It needs neither lessons nor a reference week. Who is in two classes gets two conversations only where
    their mentors differ.

    Args:
        evening: name of the Parent Evening.
        groups: classes; None for all of the participants.
        subject: what guardians read; None for the last one of the evening.
        abbreviation: its short form; None for the last one of the evening.
        dry_run: count, write nothing. The report's `more` has `course` where a course has the same name.
        progress: called with (done, total) while writing.

    Raises:
        frappe.ValidationError: no subject, or one of the texts is too long; a class is none of the evening's.
    """

    def work(edit: Edit) -> None:
        usual = wording(edit.evening)
        name = _text(usual["subject"] if subject is None else subject, LONGEST_SUBJECT, _("full name"))
        if not name:
            frappe.throw(_("Write the full name of the conversations, as guardians will read it."))
        short = _text(
            usual["abbreviation"] if abbreviation is None else abbreviation,
            LONGEST_ABBREVIATION,
            _("abbreviation"),
        )
        course = frappe.db.exists("Course", name) or frappe.db.exists("Course", {"course_name": name})
        edit.report.more = {"subject": name, "abbreviation": short, "course": course}
        edit.add(_drafts(edit, groups, name, short))

    return perform(evening, "Offer Mentor Conversations", work, dry_run=dry_run, progress=progress)


def _text(value: str, longest: int, what: str) -> str:
    value = (value or "").strip()
    if len(value) > longest:
        frappe.throw(_("The {0} may have {1} characters at most.").format(what, longest))
    return value


def _drafts(edit: Edit, groups: list[str] | None, subject: str, abbreviation: str) -> list[Draft]:
    known = {row["group"]: row for row in classes(edit.evening)}
    chosen = list(known) if groups is None else list(dict.fromkeys(groups))
    strangers = [name for name in chosen if name not in known]
    if strangers:
        message = _("{0} is no class of this evening's participants.")
        frappe.throw(message.format(frappe.utils.escape_html(", ".join(strangers))))
    members = _members(edit.evening)
    drafts = []
    for name in chosen:
        mentors = tuple(sorted(row["name"] for row in known[name]["mentors"]))
        if not mentors:
            _skip_without_mentor(edit, name, len(members[name]))
            continue
        drafts += [
            Draft(student, subject, mentors, abbreviation=abbreviation, source="Mentor")
            for student in members[name]
        ]
    return drafts


def _skip_without_mentor(edit: Edit, group: str, students: int) -> None:
    sentence = _("{0} has no mentor: mark one of the class's instructors as its mentor.").format(group)
    edit.skip("no_mentor", sentence, students, doctype="Student Group", name=group)


def _members(evening) -> dict[str, list[str]]:
    found = defaultdict(list)
    for student, group in memberships(evening):
        found[group].append(student)
    return found


def _mentors(groups: list[str]) -> dict[str, list]:
    """Who is marked as mentor of each class; where nobody is, its only instructor."""
    row, instructor = frappe.qb.DocType("Student Group Instructor"), frappe.qb.DocType("Instructor")
    rows = (
        frappe.qb.from_(row)
        .join(instructor)
        .on(instructor.name == row.instructor)
        .select(
            row.parent,
            row.instructor,
            instructor.instructor_name,
            instructor.ouderavond_code.as_("code"),
            row.ouderavond_mentor.as_("mentor"),
        )
        .where((row.parenttype == "Student Group") & row.parent.isin(groups or [""]))
        .where(instructor.status != "Left")
        .orderby(row.parent, row.idx)
    ).run(as_dict=True)
    standing: dict[str, dict] = defaultdict(dict)
    for one in rows:
        before = standing[one.parent].get(one.instructor)
        if not before or one.mentor:
            standing[one.parent][one.instructor] = one
    found = defaultdict(list)
    for group, people in standing.items():
        marked = [one for one in people.values() if one.mentor]
        found[group] = marked or (list(people.values()) if len(people) == 1 else [])
    return found


def _with_offer(evening) -> set[str]:
    filters = {"evening": evening.name, "source": "Mentor", "offered": 1}
    return set(frappe.get_all("Conversation Offer", filters, pluck="student", distinct=True))

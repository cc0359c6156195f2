"""Creating the demo school."""

from contextlib import contextmanager

import frappe
from frappe import _
from frappe.utils import getdate, nowdate

from ouderavond.demo.evening import write_evening
from ouderavond.demo.manifest import TEMPORARY, Manifest
from ouderavond.demo.plan import FEWEST_STUDENTS, School, plan_school
from ouderavond.demo.records import SchoolWriter
from ouderavond.demo.remove import restore_settings
from ouderavond.demo.report import DemoReport, Progress, Steps
from ouderavond.demo.users import PASSWORD

MOST_STUDENTS = 5000


def create(
    students: int = 1300,
    seed: int = 1,
    logins: str = "some",
    force: bool = False,
    progress: Progress | None = None,
    direct: bool = False,
) -> DemoReport:
    """Create a demo school with a parent evening. Commits as it goes; sends no mail.

    Args:
        students: how many students.
        seed: the same seed gives the same school.
        logins: "some" (all instructors, 60 guardians, 20 students) or "all".
        force: also on a site that has other students.
        progress: called with (done, total, title).
        direct: families book their times themselves, instead of requesting conversations.

    Raises:
        frappe.ValidationError: there is a demo school already, or there are other students.
    """
    students, seed = int(students), int(seed)
    _check_arguments(students, logins)
    school = plan_school(students, seed, getdate(nowdate()), logins)
    _check_site(school, force)
    steps, manifest = Steps(_expected(school), progress), Manifest()
    writer = SchoolWriter(school, manifest, steps)
    with _quiet():
        try:
            manifest.begin({"students": students, "seed": seed, "logins": logins})
            writer.write_calendar()
            with _platform_settings(manifest):
                writer.write_school()
            steps.report.evening = write_evening(school, writer, manifest, steps, direct=direct)
            manifest.commit()
        except BaseException:
            manifest.rollback()
            raise
    frappe.clear_cache()
    steps.report.password = PASSWORD
    steps.report.logins = _logins(writer)
    return steps.report


def _check_arguments(students: int, logins: str) -> None:
    if not FEWEST_STUDENTS <= students <= MOST_STUDENTS:
        frappe.throw(_("A demo school has {0} to {1} students.").format(FEWEST_STUDENTS, MOST_STUDENTS))
    if logins not in ("some", "all"):
        frappe.throw(_("Logins are {0} or {1}.").format("some", "all"))


def _check_site(school: School, force: bool) -> None:
    if Manifest.exists():
        frappe.throw(_("There is a demo school on this site already. Remove it first, with --remove."))
    others = frappe.db.count("Student")
    if others and not force:
        frappe.throw(
            _("This site has {0} students of its own. With --force the demo school comes among them.").format(
                others
            )
        )
    names = [group.name for group in [*school.classes, *school.lesson_groups]]
    taken = frappe.get_all("Student Group", {"name": ("in", names)}, pluck="name", limit=1)
    if taken:
        frappe.throw(_("This site has a student group {0}, and so has the demo school.").format(taken[0]))
    addresses = [person.email for person in [*school.students, *school.guardians, *school.instructors]]
    if frappe.db.exists("User", {"name": ("in", addresses)}):
        frappe.throw(_("This site has users with addresses of the demo school."))


def _expected(school: School) -> int:
    """The number of records, for the progress."""
    groups = len(school.classes) + len(school.lesson_groups)
    people = len(school.students) * 2 + len(school.guardians) + len(school.instructors) * 2
    return people + groups + len(school.lessons) + len(school.rooms) + 60


def _logins(writer: SchoolWriter) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for login in writer.logins:
        for role in login.roles:
            found.setdefault(role, []).append(login.email)
    return found


@contextmanager
def _quiet():
    """No mail, and no messages about every customer made."""
    before = frappe.flags.mute_emails, frappe.flags.mute_messages
    frappe.flags.mute_emails = frappe.flags.mute_messages = True
    try:
        yield
    finally:
        frappe.flags.mute_emails, frappe.flags.mute_messages = before
        frappe.clear_messages()


@contextmanager
def _platform_settings(manifest: Manifest):
    """While records are made: no user per student, and instructors are numbered. Always put back."""
    values = {"user_creation_skip": 1, "instructor_created_by": "Naming Series"}
    manifest.change_settings("Education Settings", values, TEMPORARY)
    manifest.commit()
    try:
        yield
    except BaseException:
        manifest.rollback()
        raise
    finally:
        restore_settings(TEMPORARY)
        frappe.db.commit()

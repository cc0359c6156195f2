"""Who asks: the session's user as guardian, student, instructor or staff, and how often they may ask.

Decided by the records that carry the user, never by e-mail address or user type.
"""

from collections.abc import Callable
from functools import wraps

import frappe
from frappe import _

from ouderavond.evening import people
from ouderavond.evening.requests import Asker
from ouderavond.setup.roles import STAFF_ROLES

OURS = ("/api/method/ouderavond.", "/ouderavond")


def guardian() -> list[str]:
    """The Guardian records of the session's user.

    Raises:
        frappe.PermissionError: the user is no guardian.
    """
    return _records(people.guardians_of_user, _("Your account is not linked to a parent or guardian."))


def student() -> list[str]:
    """The enabled Student records of the session's user.

    Raises:
        frappe.PermissionError: the user is no student.
    """
    return _records(people.students_of_user, _("Your account is not linked to a student."))


def instructor() -> list[str]:
    """The Instructor records of the session's user.

    Raises:
        frappe.PermissionError: the user is no instructor.
    """
    return _records(people.instructors_of_user, _("Your account is not linked to an instructor."))


def records(role: str) -> list[str]:
    """The records that make the session's user a guardian, student or instructor.

    Raises:
        frappe.PermissionError: the user is not that.
    """
    find = {"guardian": guardian, "student": student, "instructor": instructor}.get(role)
    if not find:
        frappe.throw(_("This page is not known here. Please reload it."), frappe.PermissionError)
    return find()


def asker(role: str) -> Asker:
    """The session's user as somebody who asks for conversations: as guardian or as student.

    Args:
        role: "guardian" or "student": one user may be both, and acts as one of them at a time.

    Raises:
        frappe.PermissionError: the user is not that.
    """
    if role == "guardian":
        return Asker("Guardian", tuple(guardian()))
    if role == "student":
        return Asker("Student", (), student()[0])
    frappe.throw(_("This page is not known here. Please reload it."), frappe.PermissionError)


def staff() -> str:
    """The session's user, who has a role that runs evenings.

    Raises:
        frappe.PermissionError: the user has none of these roles.
    """
    user = user_of_session()
    if user != "Administrator" and not set(STAFF_ROLES) & set(frappe.get_roles(user)):
        frappe.throw(_("Only staff who run parent evenings can do this."), frappe.PermissionError)
    return user


def user_of_session() -> str:
    """The session's user, logged in.

    Raises:
        frappe.PermissionError: nobody is logged in.
    """
    if frappe.session.user in (None, "", "Guest"):
        frappe.throw(_("Please log in."), frappe.PermissionError)
    return frappe.session.user


def _records(find: Callable[[str], list[str]], refusal: str) -> list[str]:
    found = find(user_of_session())
    if not found:
        frappe.throw(refusal, frappe.PermissionError)
    return found


def limit_per_user(calls: int, seconds: int) -> Callable:
    """At most so many calls of a function by one user. By user, since a whole school shares one address.

    Raises:
        frappe.RateLimitExceededError: (from the decorated function) too many calls.
    """

    def decorate(function: Callable) -> Callable:
        @wraps(function)
        def limited(*args, **kwargs):
            name = f"ouderavond_calls:{function.__module__}.{function.__name__}:{frappe.session.user}"
            if too_often(name, calls, seconds):
                frappe.throw(
                    _("That was a lot at once. Please wait a minute and try again."),
                    frappe.RateLimitExceededError,
                )
            return function(*args, **kwargs)

        return limited

    return decorate


def too_often(name: str, most: int, seconds: int) -> bool:
    """Count a call under a name, and say whether there were more than `most` within the time."""
    key = frappe.cache.make_key(name)
    # Set only if it is not there: the window ends even when calls keep coming.
    frappe.cache.set(key, 0, ex=seconds, nx=True)
    return int(frappe.cache.incrby(key, 1)) > most


def keep_private(response=None, request=None) -> None:
    """Mark every answer of ours as one person's own: nothing in between may keep it.

    What says itself how long the person's own browser may keep it is left so.
    """
    if response is None or request is None or not request.path.startswith(OURS):
        return
    if not response.headers.get("Cache-Control", "").startswith("private, max-age="):
        response.headers["Cache-Control"] = "private, no-store"

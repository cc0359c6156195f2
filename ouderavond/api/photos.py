"""Private photographs of instructors, for the families who have an offered conversation with them."""

import frappe
from frappe import _
from werkzeug.wrappers import Response

from ouderavond.api import callers
from ouderavond.evening import people, photos
from ouderavond.evening.requests import Asker

# A picture that is opened by itself must do nothing either.
HEADERS = {
    "Cache-Control": "private, max-age=86400",
    "Content-Disposition": "inline",
    "Content-Security-Policy": "default-src 'none'; sandbox",
    "X-Content-Type-Options": "nosniff",
}


@frappe.whitelist(methods=["GET"])
def instructor(instructor: str, v: str | None = None) -> Response:
    """The photograph of an instructor with whom a conversation is offered to me.

    Args:
        v: which photograph, for the browser's memory alone.

    Raises:
        frappe.DoesNotExistError: there is none, or it is not for me; nobody learns which.
    """
    photo = photos.read(instructor) if photos.may_see(_askers(), instructor) else None
    if not photo:
        frappe.throw(_("This photograph does not exist."), frappe.DoesNotExistError)
    return Response(photo.content, mimetype=photo.type, headers=HEADERS)


def _askers() -> list[Asker]:
    """The session's user as a guardian and as a student, whichever they are."""
    user = callers.user_of_session()
    students = (Asker("Student", (), student) for student in people.students_of_user(user))
    return [Asker("Guardian", tuple(people.guardians_of_user(user))), *students]

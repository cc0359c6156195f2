"""The portal page: a person's evenings, rendered once; what changes goes through `api/`."""

import frappe
from frappe import _

from ouderavond.evening import overview, people
from ouderavond.templates import portal, texts

no_cache = 1
sitemap = 0


def get_context(context):
    """The evenings of the session's user as guardian, student and instructor, whichever they are."""
    user = frappe.session.user
    if user == "Guest":
        frappe.local.flags.redirect_location = "/login?redirect-to=/ouderavond"
        raise frappe.Redirect
    # Without this the page would carry no token, and the platform would then accept calls without one.
    frappe.sessions.get_csrf_token()
    context.no_cache = 1
    context.title = _("Parent Evenings")
    context.portal = portal.render(title=context.title, roles=_roles(user), texts=texts.all_texts())
    return context


def _roles(user: str) -> list[dict]:
    """A part of the page for each way in which the user is known here."""
    parts = (
        ("guardian", _("For my children"), people.guardians_of_user, overview.for_guardian),
        ("student", _("For myself"), people.students_of_user, overview.for_student),
        ("instructor", _("Conversations with Me"), people.instructors_of_user, overview.for_instructor),
    )
    found = []
    for role, heading, records_of, evenings_of in parts:
        records = records_of(user)
        if records:
            found.append({"role": role, "heading": heading, "evenings": evenings_of(records)})
    return found

"""The portal page: a person's evenings, rendered once; what changes goes through `api/`."""

import frappe
import frappe.utils.jinja
from frappe import _

from ouderavond.evening import conversations, feeds, overview, start
from ouderavond.framed import headers
from ouderavond.templates import compiled, portal, texts

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
    frappe.utils.jinja.get_jenv().bytecode_cache = compiled.TEMPLATES
    context.no_cache = 1
    may_leave = bool(frappe.flags.ouderavond_in_frame)
    context.is_framed = may_leave or headers.is_framed(frappe.request)
    context.title = _("Parent Evenings")
    roles = _roles(user)
    context.portal = portal.render(
        title=context.title,
        is_framed=context.is_framed,
        may_leave=may_leave,
        roles=roles,
        starts=start.of_roles(roles),
        reader=_reader(user),
        texts=texts.all_texts(),
    )
    return context


def _roles(user: str) -> list[dict]:
    """A part of the page for each way in which the user is known here."""
    parts = (
        ("guardian", _("For my children"), overview.for_guardian),
        ("student", _("For myself"), overview.for_student),
        ("instructor", _("Conversations with Me"), overview.for_instructor),
    )
    found = []
    for role, heading, evenings_of in parts:
        records = conversations.records_of(role, user)
        if records:
            part = {"role": role, "records": records, "heading": heading}
            found.append({**part, "evenings": evenings_of(records)})
    return found


def _reader(user: str) -> dict:
    """Who reads: for the head of what is printed, and which calendars have an address already.

    `id` tells one reader of this device from another, where the platform's cookie does not.
    """
    return {
        "id": frappe.utils.sha256_hash(user)[:16],
        "name": frappe.utils.get_fullname(user),
        "school": frappe.defaults.get_global_default("company") or "",
        "feeds": feeds.roles_with_address(user),
    }

"""Online meetings on the desk: connection tests, a preview of texts, what to look at in the settings."""

from dataclasses import asdict

import frappe
from frappe import _

from ouderavond.api import callers
from ouderavond.api.planning.page import evening_of
from ouderavond.evening import identity
from ouderavond.evening.online import (
    before_publishing,
    examining,
    expiry,
    overview,
    preview,
    providers,
    testing,
)
from ouderavond.setup.roles import MANAGER


@frappe.whitelist(methods=["POST"])
@callers.limit_per_user(20, 60)
def test_connection(provider: str) -> list[dict]:
    """Test a provider as the settings are stored: what was found, in sentences."""
    _manager()
    return [asdict(one) for one in testing.of_provider(provider)]


@frappe.whitelist(methods=["POST"])
def preview_texts(subject: str | None = None, body: str | None = None) -> dict:
    """What would stand in an instructor's calendar with these texts."""
    _manager()
    return preview.as_dict(subject or "", body or "")


@frappe.whitelist(methods=["GET", "POST"])
def standing() -> dict:
    """What the settings should say at once: sentences about what is wrong or will be."""
    _manager()
    number, codes = examining.failed()
    warnings = [{"level": "bad" if one.days < 0 else "note", "text": one.sentence()} for one in expiry.soon()]
    if examining.is_date_unknown():
        warnings.append({"level": "note", "text": examining.date_unknown()})
    used = examining.in_use()
    if used and not identity.is_confirmed():
        warnings.append({"level": "note", "text": testing.not_confirmed()})
    if number:
        warnings.append({"level": "bad", "text": examining.sentence_about_failed(number, codes[0])})
    return {"in_use": used, "warnings": warnings}


@frappe.whitelist(methods=["GET", "POST"])
def about(provider: str) -> dict:
    """What a provider does and cannot do, and what the settings lack for it, in sentences."""
    callers.staff()
    if provider not in providers.NAMES:
        return {"about": [], "lacking": ""}
    lacking = testing.missing(provider)
    said = testing.not_filled_in(provider, lacking) if lacking else ""
    return {"about": overview.about(provider), "lacking": said}


@frappe.whitelist(methods=["GET", "POST"])
def before(evening: str) -> dict:
    """Whether a connection test is due before people are told of an evening, and what the last one found."""
    doc = evening_of(evening)
    if not before_publishing.needs(doc):
        return {"needed": False, "due": False, "test": None}
    test = before_publishing.found(doc)
    return {
        "needed": True,
        "due": before_publishing.is_due(doc),
        "test": before_publishing.as_dict(test) if test else None,
    }


@frappe.whitelist(methods=["POST"])
@callers.limit_per_user(60, 60)
def test_evening(evening: str, after: int = 0) -> dict:
    """Test the next accounts of an evening: the first ones, or those `after` the answer before (`next`)."""
    doc = evening_of(evening)
    if not before_publishing.needs(doc):
        frappe.throw(_("This evening makes no events, so there is nothing to test."))
    return before_publishing.as_dict(before_publishing.step(doc, max(0, after)))


@frappe.whitelist(methods=["POST"])
def go_on(evening: str) -> None:
    """Publishing may go on without a good test; it is noted on the evening."""
    doc = evening_of(evening)
    if before_publishing.is_due(doc):
        before_publishing.accept(doc)


def _manager() -> None:
    """Settings are for those who manage them.

    Raises:
        frappe.PermissionError: the session's user is no manager.
    """
    user = callers.user_of_session()
    if user != "Administrator" and MANAGER not in frappe.get_roles(user):
        frappe.throw(_("Only an Ouderavond Manager can do this."), frappe.PermissionError)

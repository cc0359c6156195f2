"""What is checked when the settings of online meetings are saved, and what follows from saving them."""

import re
from functools import partial

import frappe
from frappe import _
from frappe.utils import escape_html, format_date, getdate

from ouderavond.evening.online import framing, keys, outcomes, rows, texts, waking
from ouderavond.meetings.link import is_template

_ID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE)
_DOMAIN = re.compile(r"([a-z0-9]([a-z0-9-]*[a-z0-9])?\.)+[a-z]{2,}", re.IGNORECASE)
# In the order in which the form names them.
PLACEHOLDERS = ("subject", "student", "student_full_name", "class", "evening", "instructors", "school")
# What somebody who saves the settings may have put right, there or in the other system.
MENDED = tuple(sorted(outcomes.OF_ALL))
# What of the settings is in the meetings of a provider, beside what stands in the calendar.
FOLLOWS = {
    "Microsoft Teams": ("meeting_lobby", "meeting_recording", "microsoft_level"),
    "Link Template": ("link_template",),
}


def check(settings) -> None:
    """Refuse what cannot work, with a sentence; put what can into its usual form.

    Raises:
        frappe.ValidationError: something cannot work.
    """
    try:
        for look in (_microsoft, _certificate, _google, _link, _texts, _origins):
            look(settings)
    except frappe.ValidationError:
        raise
    except Exception:
        frappe.db.rollback()
        _note("Ouderavond: the settings could not be checked")
        frappe.throw(_("What was filled in could not be checked. The error log says where it went wrong."))


def _microsoft(settings) -> None:
    for field in ("microsoft_tenant", "microsoft_client_id"):
        settings.set(field, (settings.get(field) or "").strip())
    tenant, client = settings.microsoft_tenant, settings.microsoft_client_id
    if tenant and not (_ID.fullmatch(tenant) or _DOMAIN.fullmatch(tenant)):
        frappe.throw(
            _(
                "The Directory (Tenant) ID must be an ID such as 11111111-2222-3333-4444-555555555555, or "
                "a domain of the school. Entra ID shows it on the overview of the app."
            )
        )
    if client and not _ID.fullmatch(client):
        frappe.throw(
            _(
                "The Application (Client) ID must be an ID such as 11111111-2222-3333-4444-555555555555. "
                "Entra ID shows it on the overview of the app."
            )
        )
    if _ID.fullmatch(_new_secret(settings, "microsoft_client_secret")):
        frappe.throw(
            _(
                "This is the ID of the client secret and not the secret itself. Copy what stands under "
                "Value; it is shown only once, so you may have to make a new secret."
            )
        )


def _certificate(settings) -> None:
    """Take the date from a new certificate; a date that was another credential's goes."""
    given = _new_secret(settings, "microsoft_certificate")
    if given:
        found = keys.certificate(given)
        if found.wrong:
            frappe.throw(found.wrong)
        if found.expires < getdate():
            frappe.throw(
                _("This certificate has expired on {0}. Make a new one.").format(format_date(found.expires))
            )
        if settings.microsoft_credential == "Certificate":
            settings.microsoft_secret_expires = found.expires
        return
    before = settings.get_doc_before_save()
    if not before or before.microsoft_credential == settings.microsoft_credential:
        return
    kept = settings.get_password("microsoft_certificate", raise_exception=False) or ""
    if settings.microsoft_credential == "Certificate" and kept:
        settings.microsoft_secret_expires = keys.certificate(kept).expires
    elif str(before.microsoft_secret_expires or "") == str(settings.microsoft_secret_expires or ""):
        settings.microsoft_secret_expires = None


def _google(settings) -> None:
    given = _new_secret(settings, "google_service_account")
    wrong = given and keys.service_account(given).wrong
    if wrong:
        frappe.throw(wrong)


def _link(settings) -> None:
    settings.link_template = (settings.link_template or "").strip()
    if settings.link_template and not is_template(settings.link_template):
        frappe.throw(
            _(
                "The address of the Link Template must begin with https:// and have {0} behind the name of "
                "the server, such as {1}."
            ).format("{room}", "https://meet.school.example/{room}")
        )


def _texts(settings) -> None:
    for field in ("meeting_subject", "meeting_body"):
        unknown = texts.unknown(settings.get(field))
        if unknown:
            frappe.throw(
                _("{0}: {1} stands for nothing. You can use {2}.").format(
                    _(settings.meta.get_label(field)), in_braces(unknown), in_braces(PLACEHOLDERS)
                )
            )


def in_braces(names) -> str:
    """Placeholders as they are written."""
    return ", ".join(f"{{{escape_html(name)}}}" for name in names)


def _origins(settings) -> None:
    found = framing.lines(settings.frame_origins)
    for line in found:
        if not framing.is_origin(line):
            frappe.throw(
                _(
                    "{0} is not an origin. Write https:// and the name of the server and nothing behind "
                    "it, such as {1}; one per line, without *."
                ).format(escape_html(line), "https://teams.microsoft.com")
            )
    settings.frame_origins = "\n".join(found)


def _new_secret(settings, field: str) -> str:
    """A secret that was filled in just now, or an empty text: what is stored comes as asterisks."""
    given = (settings.get(field) or "").strip()
    if not given or settings.is_dummy_password(given):
        return ""
    return given


def saved(settings) -> None:
    """The settings were saved: what follows from them is done once that is committed.

    What failed because of them is tried again, and what is there already is made as they say now.
    """
    changed = tuple(
        provider
        for provider, fields in FOLLOWS.items()
        if any(settings.has_value_changed(field) for field in fields)
    )
    frappe.db.after_commit.add(partial(_try_again, changed))


def _try_again(changed: tuple[str, ...]) -> None:
    """Never raises: the settings are saved."""
    try:
        number = rows.retry({"code": ("in", MENDED)}) + sum(rows.renew(provider) for provider in changed)
        frappe.db.commit()
        if number:
            waking.start()
    except Exception:
        frappe.db.rollback()
        _note("Ouderavond: what failed could not be tried again")


def _note(title: str) -> None:
    """In the error log, without the values of variables: what was filled in is among them."""
    frappe.log_error(title=title, message=frappe.get_traceback(with_context=False))
    frappe.db.commit()

"""Warning before a secret expires, so that no evening fails because of it."""

import json
from dataclasses import dataclass
from datetime import date

import frappe
from frappe import _
from frappe.utils import date_diff, format_date, getdate

from ouderavond.evening.identity import is_confirmed
from ouderavond.evening.offering.letters import speaking
from ouderavond.evening.online import providers, testing
from ouderavond.setup.roles import MANAGER

# Days before the day; the last is the day itself.
THRESHOLDS = (60, 30, 7, 0)
# What was warned of already: {field: "date threshold"}.
WARNED = "expiry_warned"


@dataclass(frozen=True)
class Expiring:
    """A credential that is in use and expires: the field of its date, and how many days are left."""

    provider: str
    field: str
    on: date
    days: int

    @property
    def threshold(self) -> int | None:
        """The last threshold that has been reached; None if it is far away."""
        return next((days for days in reversed(THRESHOLDS) if self.days <= days), None)

    def sentence(self) -> str:
        """What happens when, and what to do."""
        return f"{self.said()} {self.advice()}"

    def said(self) -> str:
        """What happens when."""
        name, day = _(self.provider), format_date(self.on)
        if self.days < 0:
            said = _("What this site logs in to {0} with has expired on {1}. No meetings are made any more.")
        elif not self.days:
            said = _("What this site logs in to {0} with expires today, {1}.")
        elif self.days == 1:
            said = _("What this site logs in to {0} with expires tomorrow, {1}.")
        else:
            said = _("What this site logs in to {0} with expires in {2} days, on {1}.")
        return said.format(name, day, self.days)

    def advice(self) -> str:
        """What to do."""
        return _("Make a new one in the other system and put it into Ouderavond Settings.")


def credentials() -> list[Expiring]:
    """The credentials that are filled in and of which it is known when they expire."""
    settings = frappe.get_doc(providers.SETTINGS)
    fields = {testing.TEAMS: "microsoft_secret_expires"}
    if not testing.connects_each():
        fields[testing.GOOGLE] = "google_key_expires"
    return [
        Expiring(name, field, getdate(settings.get(field)), date_diff(settings.get(field), getdate()))
        for name, field in fields.items()
        if settings.get(field) and not testing.missing(name)
    ]


def soon() -> list[Expiring]:
    """Those of which a warning is due or was given."""
    return [one for one in credentials() if one.threshold is not None]


def daily() -> None:
    """Tell every manager, once for each threshold and date. Commits."""
    warned = _warned()
    for one in soon():
        mark = f"{one.on} {one.threshold}"
        if warned.get(one.field) == mark:
            continue
        warned[one.field] = mark
        frappe.db.set_single_value(
            providers.SETTINGS, WARNED, json.dumps(warned, sort_keys=True), update_modified=False
        )
        for user in managers():
            _notify(user, one)
        frappe.db.commit()
        for user in managers():
            _write(user, one)


def _warned() -> dict[str, str]:
    try:
        found = json.loads(frappe.db.get_single_value(providers.SETTINGS, WARNED) or "{}")
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}


def managers() -> list[frappe._dict]:
    """The users who have the role and can log in: name, email, language."""
    role, user = frappe.qb.DocType("Has Role"), frappe.qb.DocType("User")
    return (
        frappe.qb.from_(role)
        .join(user)
        .on((user.name == role.parent) & (role.parenttype == "User"))
        .select(user.name, user.email, user.language)
        .distinct()
        .where((role.role == MANAGER) & (user.enabled == 1) & (user.name != "Administrator"))
        .orderby(user.name)
    ).run(as_dict=True)


def _language(user) -> str:
    return user.language or frappe.get_system_settings("language") or "en"


def _notify(user, one: Expiring) -> None:
    with speaking(_language(user)):
        frappe.get_doc(
            {
                "doctype": "Notification Log",
                # The platform sends no e-mail of its own for these.
                "type": "Alert",
                "for_user": user.name,
                "from_user": "Administrator",
                "subject": one.sentence(),
                "document_type": providers.SETTINGS,
                "document_name": providers.SETTINGS,
            }
        ).insert(ignore_permissions=True)


def _write(user, one: Expiring) -> None:
    """An e-mail too, where this site may send any. What fails is noted; the notification is there."""
    if not is_confirmed() or not user.email:
        return
    try:
        with speaking(_language(user)):
            frappe.sendmail(
                recipients=[user.email],
                subject=_("Online meetings: {0} needs a new secret").format(_(one.provider)),
                message=f"<p>{frappe.utils.escape_html(one.sentence())}</p>"
                f'<p><a href="{frappe.utils.get_url_to_form(providers.SETTINGS, providers.SETTINGS)}">'
                f"{_('Ouderavond Settings')}</a></p>",
                delayed=True,
            )
        frappe.db.commit()
    except Exception:
        frappe.db.rollback()
        frappe.log_error(
            title="Ouderavond: nobody was written to about a secret that expires",
            message=frappe.get_traceback(with_context=False),
        )
        frappe.db.commit()

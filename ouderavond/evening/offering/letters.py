"""Handing e-mail to the platform's queue, so that no failure of it costs more than the e-mail.

A letter is worded already, in its reader's language; here it is only sent. Nothing leaves a site that is not
the confirmed one.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field

import frappe
from frappe import _

from ouderavond.evening.identity import is_confirmed

# The platform takes some 30 ms to set a letter; more than these are set in the background.
AT_ONCE = 10
MINUTES = 25

NotTold = list[tuple[str, str]]


@dataclass
class Told:
    """What became of telling people: letters handed to the queue; (whom not, why), in the user's language."""

    sent: int = 0
    not_told: NotTold = field(default_factory=list)


@dataclass
class Line:
    """A conversation in a letter; `gone` strikes it through, `link` is where it is joined."""

    text: str
    gone: bool = False
    link: str = ""
    link_label: str = ""


@dataclass
class Section:
    """A heading and what stands under it."""

    heading: str
    lines: list[Line]


@dataclass
class Attachment:
    """A file that goes with a letter."""

    name: str
    content: str


@dataclass
class Letter:
    """One e-mail to one address, in words. `about` is the person, for the report to staff."""

    address: str
    about: str
    language: str
    subject: str
    title: str
    when: str = ""
    opening: str = ""
    sections: list[Section] = field(default_factory=list)
    closing: list[str] = field(default_factory=list)
    link: str = ""
    link_label: str = ""
    attachments: list[Attachment] = field(default_factory=list)


@contextmanager
def speaking(language: str) -> Iterator[None]:
    """Word sentences and dates in a language for the length of a block."""
    before = frappe.local.lang
    frappe.local.lang = language
    try:
        yield
    finally:
        frappe.local.lang = before


def tell(evening: str, compose: Callable[[object], tuple[list[Letter], NotTold]]) -> Told:
    """Send the letters that `compose(Parent Evening document)` makes. Never raises; commits.

    To be called after what is told has been committed.

    Args:
        compose: returns the letters, and the people to whom cannot be written, each with a sentence.
    """
    try:
        letters, not_told = compose(frappe.get_doc("Parent Evening", evening))
        if not letters:
            return Told(0, not_told)
        reason = _obstacle(evening)
        if reason:
            return Told(0, [(_("Everybody concerned"), reason), *not_told])
        failed = _hand_over(evening, letters)
    except Exception:
        _log(evening)
        return Told(0, [(_("Everybody concerned"), _failed())])
    return Told(len(letters) - len(failed), [*not_told, *failed])


def obstacle(evening: str) -> str | None:
    """Why nothing at all is sent about an evening, as a sentence; None if letters are sent."""
    if frappe.db.get_value("Parent Evening", evening, "archived"):
        return _("Nothing is sent about an archived evening.")
    if not is_confirmed():
        return _("No e-mail leaves this site, because it has not been confirmed in Ouderavond Settings.")
    if not sender():
        return _("There is no outgoing e-mail account.")
    return None


def _obstacle(evening: str) -> str | None:
    reason = obstacle(evening)
    if reason and is_confirmed() and not sender():
        _log(evening, "No outgoing e-mail account")
    return reason


def sender() -> str:
    """The address from which letters go; empty where there is no outgoing account.

    Where mail is muted there may be an account without address.
    """
    from frappe.email.doctype.email_account.email_account import EmailAccount

    account = EmailAccount.find_outgoing(match_by_doctype="Parent Evening")
    return (account and account.email_id) or ""


def _hand_over(evening: str, letters: list[Letter]) -> NotTold:
    if len(letters) <= AT_ONCE:
        return _send(evening, [asdict(letter) for letter in letters])
    rows = [asdict(letter) for letter in letters]
    try:
        frappe.enqueue(send_later, queue="default", timeout=MINUTES * 60, evening=evening, letters=rows)
    except Exception:
        _log(evening)
        return _send(evening, rows)
    return []


def send_later(evening: str, letters: list[dict]) -> None:
    """The background job for many letters; what fails is in the Error Log."""
    if not _obstacle(evening):
        _send(evening, letters)


def _send(evening: str, letters: list[dict]) -> NotTold:
    """Queue each letter in a transaction of its own; return those that failed, and log the first of them."""
    failed = []
    for letter in letters:
        said_before = len(frappe.local.message_log)
        try:
            if not _queue(evening, letter):
                failed.append((letter["about"], _("The platform does not send to this e-mail address.")))
            frappe.db.commit()
        except Exception:
            frappe.db.rollback()
            if not any(reason == _failed() for _name, reason in failed):
                _log(evening)
            failed.append((letter["about"], _failed()))
        # What the platform says about a failure would come up on the screen of whoever made the change.
        del frappe.local.message_log[said_before:]
    return failed


def _queue(evening: str, letter: dict):
    files = [{"fname": one["name"], "fcontent": one["content"]} for one in letter["attachments"]]
    return frappe.sendmail(
        recipients=[letter["address"]],
        subject=_harmless(letter["subject"]).replace("<", "‹").replace(">", "›"),
        template="ouderavond_letter",
        args=_harmless({**letter, "attachments": []}),
        attachments=files,
        reference_doctype="Parent Evening",
        reference_name=evening,
        add_unsubscribe_link=0,
        delayed=True,
        now=False,
    )


def _harmless(value):
    """The same without `embed=`: behind it the platform takes any text for a file of the server to attach.

    Escaping does not help, since setting the letter undoes it in texts. Nor does the platform escape the
    subject where it becomes the title; see `_queue`.
    """
    if isinstance(value, str):
        return value.replace("embed=", "embed =")
    if isinstance(value, dict):
        return {key: _harmless(one) for key, one in value.items()}
    if isinstance(value, list):
        return [_harmless(one) for one in value]
    return value


def _failed() -> str:
    return _("The e-mail could not be made; the Error Log says why.")


def _log(evening: str, what: str | None = None) -> None:
    """One entry; without the values of variables, which are about people."""
    frappe.log_error(
        title="Ouderavond: people were not told by e-mail",
        message=what or frappe.get_traceback(with_context=False),
        reference_doctype="Parent Evening",
        reference_name=evening,
    )
    frappe.db.commit()

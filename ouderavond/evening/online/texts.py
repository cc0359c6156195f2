"""What stands in an instructor's calendar: the school's own texts with placeholders, or ours.

A text is never run as a template: only the placeholders named here are replaced, and what else stands between
braces stays.
"""

import re
from dataclasses import dataclass

import frappe
from frappe import _

from ouderavond.evening.offering.letters import speaking

_PLACEHOLDER = re.compile(r"\{(\w+)\}")
# What an address or a calendar's column holds.
SUBJECT_LENGTH = 200


@dataclass(frozen=True)
class Words:
    """What the placeholders stand for; `class` is written `{class}`."""

    subject: str
    student: str
    student_full_name: str
    class_name: str
    evening: str
    instructors: str
    school: str


@dataclass(frozen=True)
class Texts:
    """The school's own texts; empty where ours are used."""

    subject: str = ""
    body: str = ""

    def written(self, words: Words, language: str) -> tuple[str, str]:
        """Title and text of an event, in a language."""
        with speaking(language):
            values = _values(words)
            subject = fill(self.subject or _ours(words), values)
            body = fill(self.body or our_body(), values)
        return " ".join(subject.split())[:SUBJECT_LENGTH], body.strip()


def _ours(words: Words) -> str:
    return "{subject} – {student}" if words.student else "{subject}"


def our_body() -> str:
    """Our text, in the present language."""
    return _(
        "{evening}\nThis conversation is kept up to date by the school. Please change it there, not here."
    )


def _values(words: Words) -> dict[str, str]:
    values = dict(vars(words))
    values["class"] = values.pop("class_name")
    return values


def fill(text: str, values: dict[str, str]) -> str:
    """A text with its placeholders replaced; one that is not known stays as it is."""
    return _PLACEHOLDER.sub(lambda found: values.get(found[1], found[0]), text)


def unknown(text: str) -> list[str]:
    """The placeholders of a text that stand for nothing."""
    known = {*Words.__dataclass_fields__, "class"} - {"class_name"}
    return sorted({name for name in _PLACEHOLDER.findall(text or "") if name not in known})


def of_settings() -> Texts:
    """The school's own texts."""
    settings = frappe.get_cached_doc("Ouderavond Settings")
    return Texts(settings.meeting_subject or "", settings.meeting_body or "")


def school() -> str:
    """The school's name, as mail and letters write it."""
    return frappe.get_website_settings("app_name") or ""

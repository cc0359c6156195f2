"""What a change of offers did, or would do."""

from dataclasses import asdict, dataclass, field

import frappe
from babel.numbers import format_decimal
from frappe import _

# In this order the figures are told.
FIGURES = (
    "created",
    "switched_on",
    "existing",
    "changed",
    "removed",
    "switched_off",
    "withdrawn",
    "cancelled",
)


@dataclass
class Skipped:
    """Something that yields nothing: why, how many, and the record where that can be put right.

    `filters` instead of a name: a list of records. `reason` stands above what has the same code, and `items`
    are the (DocType, name, title) of the single records that are meant.
    """

    code: str
    sentence: str
    number: int = 1
    doctype: str | None = None
    name: str | None = None
    line: int | None = None
    reason: str | None = None
    filters: dict | None = None
    items: list[tuple[str, str, str]] = field(default_factory=list)


@dataclass
class Concerned:
    """An active request or a conversation with a time that a change would end."""

    offer: str
    student: str
    student_name: str
    subject: str
    instructors: str
    household: str
    state: str
    request: str | None = None
    booking: str | None = None
    # Only where it was told: the start that people know.
    published_start: str | None = None
    start: str | None = None


@dataclass
class Report:
    """The figures of one change. `change` names its Offer Change, None where nothing was written."""

    operation: str
    created: int = 0
    switched_on: int = 0
    existing: int = 0
    changed: int = 0
    removed: int = 0
    switched_off: int = 0
    withdrawn: int = 0
    cancelled: int = 0
    students: int = 0
    instructors: int = 0
    dry_run: bool = False
    needs_confirmation: bool = False
    change: str | None = None
    told: int = 0
    skipped: list[Skipped] = field(default_factory=list)
    concerned: list[Concerned] = field(default_factory=list)
    # (who, why) for everybody who should have been told and could not be.
    not_told: list[tuple[str, str]] = field(default_factory=list)
    # What else an operation wants to say: plain values by name.
    more: dict = field(default_factory=dict)

    @property
    def figures(self) -> dict[str, int]:
        """The figures that are not zero."""
        return {name: getattr(self, name) for name in FIGURES if getattr(self, name)}

    @property
    def sentence(self) -> str:
        """The figures in words, in the language of whoever reads now."""
        return sentence(self.figures, self.dry_run or self.needs_confirmation)

    def as_dict(self) -> dict:
        """The report as the API answers it."""
        return {**asdict(self), "sentence": self.sentence}


def sentence(figures: dict[str, int], would: bool = False) -> str:
    """Figures of a change in words; `would` where nothing has been written."""
    texts = _possible() if would else _done()
    parts = []
    for name in FIGURES:
        number = figures.get(name)
        if number:
            one, many = texts[name]
            parts.append(one if number == 1 else many.format(_localised(number)))
    return " ".join(parts) or _("Nothing changes.")


def _localised(number: int) -> str:
    return format_decimal(number, locale=(frappe.local.lang or "en").replace("-", "_"))


def _done() -> dict[str, tuple[str, str]]:
    """Per figure the sentence for one, and for several."""
    return {
        "created": (_("1 offer made."), _("{0} offers made.")),
        "switched_on": (_("1 offered again."), _("{0} offered again.")),
        "existing": (_("1 was there already."), _("{0} were there already.")),
        "changed": (_("1 changed."), _("{0} changed.")),
        "removed": (_("1 offer removed."), _("{0} offers removed.")),
        "switched_off": (_("1 no longer offered."), _("{0} no longer offered.")),
        "withdrawn": (_("1 request withdrawn."), _("{0} requests withdrawn.")),
        "cancelled": (_("1 conversation cancelled."), _("{0} conversations cancelled.")),
    }


def _possible() -> dict[str, tuple[str, str]]:
    return {
        "created": (_("1 offer would be made."), _("{0} offers would be made.")),
        "switched_on": (_("1 would be offered again."), _("{0} would be offered again.")),
        "existing": (_("1 is there already."), _("{0} are there already.")),
        "changed": (_("1 would change."), _("{0} would change.")),
        "removed": (_("1 offer would be removed."), _("{0} offers would be removed.")),
        "switched_off": (_("1 would no longer be offered."), _("{0} would no longer be offered.")),
        "withdrawn": (_("1 request would be withdrawn."), _("{0} requests would be withdrawn.")),
        "cancelled": (_("1 conversation would be cancelled."), _("{0} conversations would be cancelled.")),
    }

"""Changing offers: one way for every operation, so that each is whole, counted, journalled and undone as one.

An operation describes on an `Edit` what there shall be; `perform` runs it under the evening's lock, writes
the difference in bulk, and keeps it in the journal. Whoever asks at the same moment waits, and then finds
what the first one left.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date
from functools import cached_property

import frappe
from frappe import _

from ouderavond.evening import claims
from ouderavond.evening.offer_key import instructors_key, subject_key
from ouderavond.evening.offering import ending, journal, presence, rows, telling
from ouderavond.evening.offering.report import Report, Skipped
from ouderavond.evening.offering.rows import Offer

# Up to so many students their offers are read by student, beyond that those of the whole evening.
FEW_STUDENTS = 200


@dataclass(frozen=True)
class Draft:
    """An offer that there shall be. `subject` is what guardians read; `course` is empty for a label."""

    student: str
    subject: str
    instructors: tuple[str, ...]
    course: str | None = None
    abbreviation: str | None = None
    source: str = "Course"
    in_package: int = 1
    slots: int = 1
    remark: str | None = None
    forbidden: tuple[date, ...] = ()

    @property
    def key(self) -> tuple[str, str, str]:
        """What there is one offer of in an evening."""
        return self.student, subject_key(self.subject), instructors_key(self.instructors)


def perform(
    evening: str,
    operation: str,
    work: Callable[["Edit"], None],
    *,
    dry_run: bool = False,
    confirmed: bool = False,
    progress: Callable[[int, int], None] | None = None,
) -> Report:
    """Run an operation on the offers of an evening: all of it or nothing. Commits.

    Args:
        evening: name of the Parent Evening.
        operation: which one, as Offer Change names it.
        work: describes on an Edit what there shall be; run again when another transaction was in the way, so
            it only reads and calls the Edit.
        dry_run: count, write nothing.
        confirmed: also where requests would be withdrawn or conversations cancelled. Otherwise such an
            operation writes nothing, and the report names them and says `needs_confirmation`.
        progress: called with (done, total) while writing.

    Raises:
        frappe.ValidationError: the evening is archived, or the operation refuses.
    """

    def locked() -> Report:
        edit = Edit(evening, Report(operation))
        work(edit)
        edit.count()
        if edit.report.concerned and not confirmed:
            edit.report.needs_confirmation = True
        else:
            edit.write(progress)
        return edit.report

    if dry_run:
        edit = Edit(evening, Report(operation, dry_run=True))
        work(edit)
        edit.count()
        return edit.report
    report = claims.transaction(evening, [], locked, exclusive=True)
    frappe.db.commit()
    _tell(evening, report)
    return report


def _tell(evening: str, report: Report) -> None:
    if report.needs_confirmation or not (report.withdrawn or report.cancelled):
        return
    told = telling.told_removed(evening, report.concerned)
    report.told, report.not_told = told.sent, told.not_told
    frappe.db.commit()


class Edit:
    """What an operation wants: offers to be there, not to be there, or to be other than they are."""

    def __init__(self, evening: str, report: Report):
        self.evening = frappe.get_doc("Parent Evening", evening)
        if self.evening.archived:
            frappe.throw(_("This evening is archived and can only be read."))
        self.report = report
        self.records = journal.Records()
        self._before: dict[str, Offer] = {}
        self._now: dict[str, Offer | None] = {}
        self._read_students: set[str] | None = set()
        # Offers that are to go even where somebody asked for them.
        self._ended: set[str] = set()

    # Reading

    def offers(
        self, *, names: Iterable[str] | None = None, students: Iterable[str] | None = None
    ) -> dict[str, Offer]:
        """Offers as they are to be, by name: all of the evening, some, or those of some students.

        Names of offers that are not there, or of another evening, are left out.
        """
        if names is not None:
            names = list(names)
            self._take(rows.read(self.evening.name, names=[n for n in names if n not in self._now]))
            wanted = set(names)
            return {n: o for n, o in self._now.items() if o and n in wanted}
        if students is None:
            self._read_all()
            return {n: o for n, o in self._now.items() if o}
        wanted = set(students)
        self._read_of(wanted)
        return {n: o for n, o in self._now.items() if o and o.student in wanted}

    def _take(self, found: dict[str, Offer]) -> None:
        for name, offer in found.items():
            if name not in self._now:
                self._before[name] = self._now[name] = offer

    def _read_all(self) -> None:
        if self._read_students is not None:
            self._take(rows.read(self.evening.name))
            self._read_students = None

    def _read_of(self, students: set[str]) -> None:
        if self._read_students is None or students <= self._read_students:
            return
        if len(students) > FEW_STUDENTS:
            self._read_all()
            return
        self._take(rows.read(self.evening.name, students=students - self._read_students))
        self._read_students |= students

    @cached_property
    def student_names(self) -> dict[str, str]:
        """{student: name as people know them}, of everybody."""
        return dict(frappe.get_all("Student", fields=["name", "student_name"], as_list=True))

    # Wishing

    def add(self, drafts: Iterable[Draft]) -> None:
        """There shall be these offers. What is there stays as it is, and is offered again if it was not."""
        drafts = {draft.key: draft for draft in drafts}
        there = {
            offer.key: offer for offer in self.offers(students={d.student for d in drafts.values()}).values()
        }
        self.report.students += len({draft.student for draft in drafts.values()})
        self.report.instructors += len({name for draft in drafts.values() for name in draft.instructors})
        for key, draft in drafts.items():
            offer = there.get(key)
            if not offer:
                self._create(draft)
            elif offer.offered:
                self.report.existing += 1
            else:
                self._now[offer.name] = offer.with_values(offered=1)

    def _create(self, draft: Draft) -> None:
        name = frappe.generate_hash(length=10)
        self._now[name] = Offer(
            name=name,
            student=draft.student,
            student_name=self.student_names.get(draft.student, draft.student),
            subject=draft.subject,
            instructors=tuple(dict.fromkeys(draft.instructors)),
            course=draft.course,
            abbreviation=draft.abbreviation or None,
            source=draft.source,
            slots=draft.slots,
            in_package=draft.in_package,
            remark=draft.remark,
            forbidden=draft.forbidden,
        )

    def remove(self, names: Iterable[str], *, keep: bool = False) -> None:
        """These offers shall not be there.

        Where somebody ever asked for one, and everywhere with `keep`, it stays as not offered. Active
        requests are withdrawn and conversations cancelled; `perform` asks for confirmation before that.
        """
        offers = self.offers(names=names)
        asked = set() if keep else ending.ever_asked(offers)
        for name, offer in offers.items():
            self._ended.add(name)
            self._now[name] = offer.with_values(offered=0) if keep or name in asked else None

    def update(self, names: Iterable[str], **values) -> None:
        """These offers shall have other values: `slots`, `remark`, `forbidden`, `instructors`, `offered`.

        An offer that would become the same as another one of the student stays as it is and is reported. A
        conversation that has a time is cancelled where its instructors change.
        """
        self.rewrite(offer.with_values(**values) for offer in self.offers(names=names).values())

    def rewrite(self, wished: Iterable[Offer]) -> None:
        """These offers shall be like this, each with its own values; as `update` says."""
        wished = list(wished)
        taken = {offer.key for offer in self.offers(students={o.student for o in wished}).values()}
        for changed in wished:
            offer = self._now[changed.name]
            if changed.key != offer.key and changed.key in taken:
                self.skip(
                    "same_offer",
                    _("{0} has this offer already: {1}, with the same instructors.").format(
                        offer.student_name, offer.subject
                    ),
                    doctype="Conversation Offer",
                    name=offer.name,
                )
                continue
            taken.add(changed.key)
            self._now[changed.name] = changed

    def skip(
        self,
        code: str,
        sentence: str,
        number: int = 1,
        *,
        doctype: str | None = None,
        name: str | None = None,
        line: int | None = None,
    ) -> None:
        """Report something that yields nothing, with the record where that can be put right."""
        self.report.skipped.append(Skipped(code, sentence, number, doctype, name, line))

    # Carrying it out

    def count(self) -> None:
        """Fill in the report's figures and who is concerned."""
        new, gone, changed = self._difference()
        switched_on = [pair for pair in changed if pair[1].offered and not pair[0].offered]
        switched_off = [pair for pair in changed if pair[0].offered and not pair[1].offered]
        report = self.report
        report.created, report.removed = len(new), len(gone)
        report.switched_on, report.switched_off = len(switched_on), len(switched_off)
        report.changed = len(changed) - len(switched_on) - len(switched_off) + len(self.records)
        moved = [before.name for before, after in changed if before.instructors_key != after.instructors_key]
        report.concerned = ending.concerned(self._ended, moved, self._before)
        report.withdrawn = sum(1 for row in report.concerned if row.request and row.offer in self._ended)
        report.cancelled = sum(1 for row in report.concerned if row.booking)

    def _difference(self) -> tuple[list[Offer], list[Offer], list[tuple[Offer, Offer]]]:
        new = [o for n, o in self._now.items() if o and n not in self._before]
        gone = [o for n, o in self._before.items() if self._now[n] is None]
        changed = [
            (before, after)
            for name, before in self._before.items()
            if (after := self._now[name]) and after != before
        ]
        return new, gone, changed

    def write(self, progress: Callable[[int, int], None] | None = None) -> None:
        """Write the difference and its journal. Within `claims.transaction` only."""
        new, gone, changed = self._difference()
        ended = ending.end(self.evening.name, self.report.concerned, self._ended)
        rows.delete([offer.name for offer in gone])
        rows.update(self.evening.name, changed)
        rows.insert(self.evening.name, new, progress)
        given = {name for offer in [*new, *(after for _b, after in changed)] for name in offer.instructors}
        there = presence.fill(self.evening, given)
        self.records.write()
        entries = journal.entries_of_offers(new, gone, changed) + ended + there + self.records.entries()
        if entries:
            self.report.change = journal.keep(
                self.evening.name, self.report.operation, self.report.figures, entries
            )

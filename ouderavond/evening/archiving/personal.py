"""Where personal remarks about an evening stand, and removing them, some hundreds of records at a time.

What is kept are the figures and the bare conversations: who met, when, about what. Every field with words of
people is named here; a test asks of each field of ours that holds words whether it is.
"""

from collections.abc import Callable, Iterator

import frappe
from frappe.query_builder.functions import Count
from pypika.terms import Criterion

from ouderavond.evening import claims, rows
from ouderavond.evening.people import person_keys

BATCH = 500
GONE = "—"
DELETE, ANONYMISE = "Delete", "Anonymise"

# DocType -> fields that are emptied, each with what it says when nothing was said.
WORDS = {
    "Conversation Request": {
        **{"remark": None, "interpreter_language": None, "step_free": 0},
        **{"override_reason": None, "reason_facts": None},
    },
    "Evening Booking": {
        **{"remark": None, "override_reason": None},
        **{"cant_come_wish": None, "cant_come_choices": None, "cant_come_by": None, "taps": None},
    },
    "Conversation Offer": {"remark": None, "instructor_wish": None, "instructor_wish_raised": None},
    "Evening Block": {"reason": None},
    "Evening Instructor": {},
    "Schedule Run": {"message": None},
}
# Child table -> (whose, fields).
ROWS = {"Evening Booking Instructor": ("Evening Booking", {"note": None})}
# Records that are nothing but what somebody wanted, was told or changed: they go as a whole.
GOES = ("Waiting List Entry", "Offer Change", "Schedule Change", "Evening Message", "Evening Meeting")
# With names of guardians as well.
NOBODY = {"owner": "Administrator", "modified_by": "Administrator"}
NAMES = {
    "Conversation Request": {"guardian": None, "guardian_name": GONE, "party": None, **NOBODY},
    "Evening Booking": {"household": None, **NOBODY},
    "Conversation Offer": NOBODY,
    "Evening Block": NOBODY,
}
NAME_ROWS = {
    "Evening Booking Guardian": ("Evening Booking", {"guardian": None, "guardian_name": GONE, **NOBODY}),
    "Evening Booking Instructor": ("Evening Booking", NOBODY),
}
# What the platform keeps about a record, by the fields that name it.
TRACES = {
    **rows.TRACES,
    "ToDo": ("reference_type", "reference_name"),
    "Communication": ("reference_doctype", "reference_name"),
    "Notification Log": ("document_type", "document_name"),
}
# What the platform keeps in the record's own row, where somebody commented, was assigned or put a tag.
OWN_TRACES = ("_comments", "_assign", "_user_tags", "_liked_by")


def count(evening: str) -> dict[str, int]:
    """How many records of an evening have something to remove, by DocType; without zeros."""
    found = {doctype: _number(doctype, evening, _said(doctype, WORDS[doctype])) for doctype in WORDS}
    for doctype, (parent, fields) in ROWS.items():
        found[doctype] = _child_number(doctype, parent, evening, fields)
    found |= {doctype: frappe.db.count(doctype, {"evening": evening}) for doctype in GOES}
    found["Schedule Run Data"] = frappe.db.count("Schedule Run Data", {"run": ("in", _runs(evening))})
    return {doctype: number for doctype, number in found.items() if number}


def remove(evening: str, kind: str, progress: Callable | None = None) -> None:
    """Remove what is personal about an evening. Commits after each batch; what was interrupted is done again.

    Args:
        kind: DELETE removes the remarks; ANONYMISE the names of guardians as well.
    """
    anonymise = kind == ANONYMISE
    for doctype, words in WORDS.items():
        fields = words | (NAMES.get(doctype, {}) if anonymise else {})
        own = [
            row for row in (*ROWS.items(), *(NAME_ROWS.items() if anonymise else ())) if row[1][0] == doctype
        ]
        for names in _batches(doctype, evening):
            if anonymise and doctype == "Evening Booking":
                _drop_claims_of_guardians(names)
            _empty(doctype, names, fields, own)
            _end_of_batch(progress, doctype, names)
    if anonymise:
        _remove_blocks_of_guardians(evening)
    for doctype in GOES:
        for names in _batches(doctype, evening):
            _forget(doctype, names)
            frappe.db.delete(doctype, {"name": ("in", names)})
            _end_of_batch(progress, doctype, names)
    frappe.db.delete("Schedule Run Data", {"run": ("in", _runs(evening) or [""])})
    _forget_around(evening)
    frappe.db.commit()


def _empty(doctype: str, names: list[str], fields: dict, children: list[tuple]) -> None:
    rows.update(doctype, {"name": ("in", names)}, **fields, **_own_traces(doctype))
    for child, (_parent, values) in children:
        rows.update(child, {"parent": ("in", names)}, **values)
    _forget(doctype, names)


def _own_traces(doctype: str) -> dict[str, None]:
    columns = frappe.db.get_table_columns(doctype)
    return {column: None for column in OWN_TRACES if column in columns}


def _forget(doctype: str, names: list[str]) -> None:
    for trace, (type_field, name_field) in TRACES.items():
        frappe.db.delete(trace, {type_field: doctype, name_field: ("in", names)})


def _end_of_batch(progress: Callable | None, doctype: str, names: list[str]) -> None:
    # For the tests: who is interrupted here has removed this batch and no more.
    frappe.db.commit()
    if progress:
        progress(doctype, len(names))


def _batches(doctype: str, evening: str) -> Iterator[list[str]]:
    last = ""
    while names := frappe.get_all(
        doctype,
        {"evening": evening, "name": (">", last)},
        pluck="name",
        order_by="name asc",
        limit=BATCH,
    ):
        yield names
        last = names[-1]


def _runs(evening: str) -> list[str]:
    return rows.names("Schedule Run", evening=evening)


def _drop_claims_of_guardians(bookings: list[str]) -> None:
    """Claims are named after who is taken; those of the others in a conversation stay."""
    found = rows.of_parents("Evening Booking Guardian", "guardian", bookings).values()
    guardians = {name for names in found for name in names if name}
    keys = set(person_keys(("Guardian", name) for name in guardians).values())
    frappe.db.delete("Booking Claim", {"reference": ("in", bookings), "who": ("in", list(keys) or [""])})


def _remove_blocks_of_guardians(evening: str) -> None:
    blocks = rows.names("Evening Block", evening=evening, who_type="Guardian")
    if blocks:
        claims.replace(evening, blocks, [])
        rows.remove("Evening Block", blocks)
        frappe.db.commit()


def _forget_around(evening: str) -> None:
    """Letters in the queue, files with rosters, and records deleted by hand, which the platform keeps."""
    letters = frappe.get_all(
        "Email Queue", {"reference_doctype": "Parent Evening", "reference_name": evening}, pluck="name"
    )
    frappe.db.delete("Email Queue Recipient", {"parent": ("in", letters or [""])})
    frappe.db.delete("Email Queue", {"name": ("in", letters or [""])})
    _remove_files(evening)
    kept = frappe.qb.DocType("Deleted Document")
    about = kept.data.like(f'%"evening": "{evening}"%') | kept.data.like(f'%"evening":"{evening}"%')
    ours = (*WORDS, *GOES)
    frappe.qb.from_(kept).delete().where(kept.deleted_doctype.isin(ours) & about).run()


def _remove_files(evening: str) -> None:
    """Outage packs and overviews that were not gone by themselves yet; what staff attached stays."""
    from ouderavond.evening.overviews import files, outage

    for prefix in (files.PREFIX, outage.PREFIX):
        filters = {"file_name": ("like", f"{prefix}%"), "attached_to_name": evening, "is_private": 1}
        for name in frappe.get_all("File", filters, pluck="name"):
            # Nothing points at them; looking for what might takes the platform longer than all the rest.
            frappe.delete_doc("File", name, force=True, ignore_permissions=True, delete_permanently=True)


def _said(doctype: str, fields: dict) -> Criterion | None:
    """A condition: something is said in one of these fields."""
    table = frappe.qb.DocType(doctype)
    conditions = [
        (table[field] == 1) if nothing == 0 else (table[field].notnull() & (table[field] != ""))
        for field, nothing in fields.items()
    ]
    return Criterion.any(conditions) if conditions else None


def _number(doctype: str, evening: str, condition: Criterion | None) -> int:
    if condition is None:
        return 0
    table = frappe.qb.DocType(doctype)
    query = frappe.qb.from_(table).select(Count("*")).where((table.evening == evening) & condition)
    return query.run()[0][0]


def _child_number(doctype: str, parent: str, evening: str, fields: dict) -> int:
    table, owner = frappe.qb.DocType(doctype), frappe.qb.DocType(parent)
    query = frappe.qb.from_(table).join(owner).on(owner.name == table.parent).select(Count("*"))
    return query.where((owner.evening == evening) & _said(doctype, fields)).run()[0][0]

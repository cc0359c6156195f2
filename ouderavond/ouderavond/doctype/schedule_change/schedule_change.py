from frappe.model.document import Document


class ScheduleChange(Document):
    # begin: auto-generated types
    # This code is auto-generated. Do not modify anything in this block.

    from typing import TYPE_CHECKING

    if TYPE_CHECKING:
        from frappe.types import DF

        evening: DF.Link
        figures: DF.JSON | None
        operation: DF.Literal[
            "Book",
            "Move",
            "Swap",
            "Change Instructor",
            "Change Length",
            "Cancel",
            "Pin",
            "Unpin",
            "Place",
            "Apply Run",
            "Instructor Ill",
            "Instructor Later",
            "Room Closed",
            "Date Moved",
            "Block",
            "Unblock",
            "Breaks",
            "Who Sits Where",
            "Rooms",
            "Other",
        ]
        records: DF.LongText | None
        run: DF.Link | None
        undone_by: DF.Link | None
        undone_on: DF.Datetime | None
    # end: auto-generated types
    """One change of conversations by staff, with the records before and after: see `planning.changes`."""

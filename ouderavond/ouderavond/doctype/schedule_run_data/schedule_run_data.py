from frappe.model.document import Document


class ScheduleRunData(Document):
    # begin: auto-generated types
    # This code is auto-generated. Do not modify anything in this block.

    from typing import TYPE_CHECKING

    if TYPE_CHECKING:
        from frappe.types import DF

        disruption: DF.LongText | None
        figures: DF.LongText | None
        problem: DF.LongText | None
        progress: DF.LongText | None
        run: DF.Data
        schedule: DF.LongText | None
    # end: auto-generated types
    pass

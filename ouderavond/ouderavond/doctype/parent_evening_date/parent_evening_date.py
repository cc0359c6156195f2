from frappe.model.document import Document


class ParentEveningDate(Document):
    # begin: auto-generated types
    # This code is auto-generated. Do not modify anything in this block.

    from typing import TYPE_CHECKING

    if TYPE_CHECKING:
        from frappe.types import DF

        date: DF.Date
        end_time: DF.Time
        first_time: DF.Time
        parent: DF.Data
        parentfield: DF.Data
        parenttype: DF.Data
        place: DF.Data | None
    # end: auto-generated types
    pass

from frappe.model.document import Document


class ParentEveningParticipant(Document):
    # begin: auto-generated types
    # This code is auto-generated. Do not modify anything in this block.

    from typing import TYPE_CHECKING

    if TYPE_CHECKING:
        from frappe.types import DF

        left_out: DF.Check
        parent: DF.Data
        parentfield: DF.Data
        parenttype: DF.Data
        participant: DF.DynamicLink
        participant_type: DF.Literal["Program", "Student Group", "Student"]
    # end: auto-generated types
    pass

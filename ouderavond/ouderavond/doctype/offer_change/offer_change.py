from frappe.model.document import Document


class OfferChange(Document):
    # begin: auto-generated types
    # This code is auto-generated. Do not modify anything in this block.

    from typing import TYPE_CHECKING

    if TYPE_CHECKING:
        from frappe.types import DF

        evening: DF.Link
        figures: DF.JSON | None
        operation: DF.Literal[
            "Offer by Course",
            "Remove by Course",
            "Reference Week",
            "Offer Mentor Conversations",
            "Offer per Student",
            "Offer from File",
            "Offer Tailored Programs",
            "Offer by Hand",
            "Remove by Hand",
            "Change Offers",
            "Remove Offers",
            "Classes per Date",
            "Repair",
        ]
        records: DF.LongText | None
        undone_by: DF.Link | None
        undone_on: DF.Datetime | None
    # end: auto-generated types
    """One bulk change of offers, with the records before and after: written and read by `offering.journal`."""

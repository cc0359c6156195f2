"""What installing and migrating add beyond the DocTypes. All of it can be repeated without effect."""

import frappe
from frappe.custom.doctype.custom_field.custom_field import create_custom_fields

from ouderavond.setup.choosing import ensure_choosing
from ouderavond.setup.custom_fields import custom_fields
from ouderavond.setup.indexes import ensure_indexes
from ouderavond.setup.keys import ensure_keys
from ouderavond.setup.roles import ensure_roles

SETTINGS = "Ouderavond Settings"


def after_install() -> None:
    """Roles, custom fields and settings of a new installation."""
    _sync()


def after_migrate() -> None:
    """Whatever a newer version of the app added."""
    _sync()


def _sync() -> None:
    ensure_roles()
    ensure_choosing()
    # What is there may have been changed by the school (a label, a place on the form), so it stays.
    create_custom_fields(custom_fields(), update=False)
    ensure_settings()
    ensure_keys()
    ensure_indexes()


def ensure_settings() -> None:
    """Store the default of every setting that has no value yet, so that the database says what holds."""
    stored = frappe.db.get_singles_dict(SETTINGS)
    for field in frappe.get_meta(SETTINGS).fields:
        if field.default is not None and field.fieldname not in stored:
            frappe.db.set_single_value(SETTINGS, field.fieldname, field.default, update_modified=False)

"""What installing and migrating add beyond the DocTypes. All of it can be repeated without effect."""

from frappe.custom.doctype.custom_field.custom_field import create_custom_fields

from ouderavond.setup.custom_fields import custom_fields
from ouderavond.setup.roles import ensure_roles


def after_install() -> None:
    """Roles and custom fields of a new installation."""
    _sync()


def after_migrate() -> None:
    """Whatever a newer version of the app added."""
    _sync()


def _sync() -> None:
    ensure_roles()
    create_custom_fields(custom_fields(), update=True)

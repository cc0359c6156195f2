"""The roles that the app brings, and the platform's role Guardian where Education has none."""

import frappe

MANAGER = "Ouderavond Manager"
PLANNER = "Ouderavond Planner"
STAFF_ROLES = (MANAGER, PLANNER)

# Role name -> desk access. Roles that exist already are left as the school has them.
OURS = {MANAGER: 1, PLANNER: 1}
PLATFORM = {"Guardian": 0}

# Remembers which of the platform's roles we had to create, so that uninstalling removes just those.
CREATED_KEY = "ouderavond_created_roles"


def ensure_roles() -> None:
    """Create the roles that are missing; never change one that exists."""
    created = set(filter(None, (frappe.db.get_global(CREATED_KEY) or "").split(",")))
    for role, desk_access in {**OURS, **PLATFORM}.items():
        if frappe.db.exists("Role", role):
            continue
        frappe.get_doc({"doctype": "Role", "role_name": role, "desk_access": desk_access}).insert()
        created.add(role)
    frappe.db.set_global(CREATED_KEY, ",".join(sorted(created)))


def remove_roles() -> None:
    """Take away our roles, and the role Guardian if it was made by us."""
    created = set(filter(None, (frappe.db.get_global(CREATED_KEY) or "").split(",")))
    for role in created | set(OURS):
        for child in ("Has Role", "DocPerm", "Custom DocPerm", "User Role Profile"):
            if frappe.db.table_exists(child) and frappe.get_meta(child).has_field("role"):
                frappe.db.delete(child, {"role": role})
        frappe.delete_doc("Role", role, force=True, ignore_missing=True)
    frappe.db.delete("DefaultValue", {"parent": "__global", "defkey": CREATED_KEY})

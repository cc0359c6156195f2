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
KEPT = {"parent": "__global", "defkey": CREATED_KEY}


def ensure_roles() -> None:
    """Create the roles that are missing; never change one that exists."""
    for role, desk_access in {**OURS, **PLATFORM}.items():
        if frappe.db.exists("Role", role):
            continue
        frappe.get_doc({"doctype": "Role", "role_name": role, "desk_access": desk_access}).insert(
            ignore_permissions=True
        )
        frappe.db.set_global(CREATED_KEY, ",".join(sorted({*_created(), role})))


def remove_roles() -> None:
    """Take away our roles, and the role Guardian if it was made by us, from everybody who has them."""
    for role in roles_of_ours():
        for child in ("Has Role", "DocPerm", "Custom DocPerm"):
            frappe.db.delete(child, {"role": role})
        if frappe.db.exists("Role", role):
            frappe.delete_doc("Role", role, force=True, ignore_permissions=True, delete_permanently=True)
    frappe.db.delete("DefaultValue", KEPT)
    frappe.cache.hdel("defaults", "__global")


def roles_of_ours() -> set[str]:
    """The names of the roles that go when the app goes."""
    return _created() | set(OURS)


def _created() -> set[str]:
    # Not through the cache of defaults, which the platform leaves as it was while it installs.
    kept = frappe.db.get_value("DefaultValue", KEPT, "defvalue", order_by=None)
    return set(filter(None, (kept or "").split(",")))

"""Steps of making the test site that need the platform.

`python -m tests.harness.build STEP SITE SITES_FOLDER`
"""

import os
import sys


def platform() -> None:
    """Past the setup wizard of a Dutch school, in English so that tests can read the sentences."""
    import frappe
    from frappe.desk.page.setup_wizard.setup_wizard import setup_complete

    year = frappe.utils.getdate().year
    answer = setup_complete(
        {
            "currency": "EUR",
            "full_name": "Site Admin",
            "company_name": "Test School",
            "company_abbr": "TS",
            "company_tagline": "Testing",
            "timezone": "Europe/Amsterdam",
            "country": "Netherlands",
            "language": "English",
            "fy_start_date": f"{year}-01-01",
            "fy_end_date": f"{year}-12-31",
            "email": "admin@school.test",
            "password": "admin",
            "chart_of_accounts": "Standard",
        }
    )
    if (answer or {}).get("status") != "ok":
        raise SystemExit(f"The setup wizard answered {answer}.")


def school() -> None:
    """The school, in Education's own records, before our app is installed."""
    from tests.platform.school import make_records

    make_records()


def app() -> None:
    """What the school fills in once our app is installed."""
    from tests.platform.school import fill_in_our_fields

    fill_in_our_fields()


STEPS = {"platform": platform, "school": school, "app": app}


def main(step: str, site: str, sites: str) -> None:
    """Run one step and commit it."""
    import frappe

    os.chdir(sites)
    frappe.init(site=site)
    frappe.connect()
    frappe.flags.mute_emails = True
    STEPS[step]()
    frappe.db.commit()
    frappe.clear_cache()
    frappe.destroy()


if __name__ == "__main__":
    main(*sys.argv[1:4])

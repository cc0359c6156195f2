"""What the school's own records lack, as data. Applied again at every install and migrate."""

MODULE = "Ouderavond"

CODE = {
    "fieldname": "ouderavond_code",
    "label": "Timetable Code",
    "fieldtype": "Data",
    "search_index": 1,
    "no_copy": 1,
    "translatable": 0,
    "in_standard_filter": 1,
}

CUSTOM_FIELDS = {
    "Student": [
        {**CODE, "insert_after": "student_name", "description": "The student's number in timetables"}
    ],
    "Course": [
        {**CODE, "insert_after": "course_name", "description": "The abbreviation in timetables: wi, ne"}
    ],
    "Program": [
        {
            "fieldname": "ouderavond_branch",
            "label": "Location",
            "fieldtype": "Link",
            "options": "Branch",
            "insert_after": "department",
            "ignore_user_permissions": 1,
            "description": "Where the school has several: offers can be filtered by it.",
        }
    ],
    "Instructor": [
        {**CODE, "insert_after": "instructor_name", "description": "The abbreviation in timetables: men13"},
        {
            "fieldname": "ouderavond_user",
            "label": "User",
            "fieldtype": "Link",
            "options": "User",
            "insert_after": "employee",
            "ignore_user_permissions": 1,
            "search_index": 1,
            "description": "Logs in to see the own conversations. Empty: the employee's user.",
        },
        {
            "fieldname": "ouderavond_email",
            "label": "Email",
            "fieldtype": "Data",
            "options": "Email",
            "insert_after": "ouderavond_user",
            "translatable": 0,
        },
        {
            "fieldname": "ouderavond_calendar_account",
            "label": "Calendar Account",
            "fieldtype": "Data",
            "options": "Email",
            "insert_after": "ouderavond_email",
            "translatable": 0,
            "description": "Only where it differs from the e-mail address.",
        },
    ],
    "Student Group Instructor": [
        {
            "fieldname": "ouderavond_mentor",
            "label": "Mentor",
            "fieldtype": "Check",
            "insert_after": "instructor_name",
            "in_list_view": 1,
        }
    ],
}


def custom_fields() -> dict[str, list[dict]]:
    """The custom fields per DocType, each owned by our module so that uninstalling removes it."""
    return {doctype: [{**f, "module": MODULE} for f in fields] for doctype, fields in CUSTOM_FIELDS.items()}

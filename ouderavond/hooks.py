"""The one place that binds the app to the platform's events."""

app_name = "ouderavond"
app_title = "Ouderavond"
app_publisher = "Ouderavond contributors"
app_description = "Parent evenings: offers, requests, a proven schedule, and bookings that cannot collide"
app_email = "ouderavond@example.org"
app_license = "GPL-3.0-or-later"

required_apps = ["frappe/education"]

after_install = "ouderavond.setup.install.after_install"
after_migrate = "ouderavond.setup.install.after_migrate"
before_uninstall = "ouderavond.setup.uninstall.before_uninstall"
after_uninstall = "ouderavond.setup.uninstall.after_uninstall"

# What the form of an evening does, beside its own script.
doctype_js = {
    "Parent Evening": [
        "public/js/evening/archive.js",
        "public/js/evening/cant_come.js",
        "public/js/evening/figures.js",
        "public/js/evening/online.js",
    ]
}

# The school's own records can always be deleted; what of ours points at them is tidied by the doc_events.
ignore_links_on_delete = [
    "Booking Claim",
    "Calendar Feed",
    "Conversation Offer",
    "Conversation Request",
    "Evening Block",
    "Evening Booking",
    "Evening Instructor",
    "Evening Meeting",
    "Evening Message",
    "Forbidden Class Date",
    "Guardian Arrangement",
    "Guardians Not To Meet",
    "Offer Change",
    "Parent Evening",
    "Reference Week Choice",
    "Schedule Change",
    "Waiting List Entry",
]

doc_events = {
    doctype: {
        "on_trash": f"ouderavond.evening.departures.before_{doctype.lower()}_is_deleted",
        "on_update": "ouderavond.evening.people.follow_change_of_user",
        "before_rename": "ouderavond.evening.renames.before_rename",
        "after_rename": "ouderavond.evening.renames.after_rename",
    }
    for doctype in ("Student", "Guardian", "Instructor")
}
doc_events["Student Group"] = {
    "on_trash": "ouderavond.evening.departures.before_student_group_is_deleted",
    "before_rename": "ouderavond.evening.renames.before_student_group_is_renamed",
}
doc_events["User"] = {
    "on_trash": "ouderavond.evening.feeds.before_user_is_deleted",
    "before_rename": "ouderavond.evening.feeds.before_user_is_renamed",
    "after_rename": "ouderavond.evening.renames.after_user_is_renamed",
}

# Who follows a record is mailed all of its changes, whether they may read it or not.
doc_events["Document Follow"] = {
    "after_insert": "ouderavond.evening.permissions.drop_following",
    "validate": "ouderavond.evening.permissions.refuse_following",
}

# A report is mailed as whoever it is said to be for.
doc_events["Auto Email Report"] = {"validate": "ouderavond.evening.permissions.refuse_mailing"}

# The platform shares a private file with whoever names its address.
override_doctype_class = {"File": "ouderavond.evening.files.GuardedFile"}
doc_events["*"] = {"validate": "ouderavond.evening.files.refuse_somebody_elses"}

# Education lets the role Student read these of everybody; users who are only students see their own.
_OF_STUDENTS = (
    "Assessment Result",
    "Program Enrollment",
    "Sales Invoice",
    "Student Attendance",
    "Student Leave Application",
)
# The platform lists child tables without their parents' conditions.
_CHILDREN = (
    "Conversation Offer Date",
    "Conversation Offer Instructor",
    "Evening Booking Guardian",
    "Evening Booking Instructor",
)
_CHILDREN_OF_STUDENTS = (
    "Assessment Result Detail",
    "Program Enrollment Course",
    "Program Enrollment Fee",
    "Student Guardian",
    "Student Sibling",
)
_CONFIDENTIAL = (
    "Booking Claim",
    "Calendar Feed",
    "Evening Message",
    "Guardian Arrangement",
    "Guardians Not To Meet",
    "Schedule Run Data",
    "Submitted Key",
)
_OURS = {
    "Conversation Offer": "offer",
    "Conversation Request": "request",
    "Evening Block": "block",
    "Evening Booking": "booking",
    "Evening Instructor": "evening_instructor",
    "Student": "student",
    "Evening Meeting": "staff_only",
    "Waiting List Entry": "staff_only",
}
_PERMISSIONS = "ouderavond.evening.permissions"
# Of a Communication by itself the platform asks whether its record may be read.
_TRACES = ("Comment", "Deleted Document", "Version")

permission_query_conditions = {
    **{doctype: f"{_PERMISSIONS}.{name}_conditions" for doctype, name in _OURS.items()},
    **{doctype: f"{_PERMISSIONS}.own_student_conditions" for doctype in _OF_STUDENTS},
    **{doctype: f"{_PERMISSIONS}.child_conditions" for doctype in _CHILDREN},
    **{doctype: f"{_PERMISSIONS}.student_child_conditions" for doctype in _CHILDREN_OF_STUDENTS},
    **{doctype: f"{_PERMISSIONS}.confidential_conditions" for doctype in _CONFIDENTIAL},
    **{doctype: f"{_PERMISSIONS}.trace_conditions" for doctype in (*_TRACES, "Communication")},
    "User": f"{_PERMISSIONS}.user_conditions",
}

has_permission = {
    **{doctype: f"{_PERMISSIONS}.has_{name}_permission" for doctype, name in _OURS.items()},
    **{doctype: f"{_PERMISSIONS}.has_own_student_permission" for doctype in _OF_STUDENTS},
    **{doctype: f"{_PERMISSIONS}.has_confidential_permission" for doctype in _CONFIDENTIAL},
    **{doctype: f"{_PERMISSIONS}.has_trace_permission" for doctype in _TRACES},
    "File": "ouderavond.evening.files.has_file_permission",
}

_EDUCATION_CALLS = (
    "collect_fees",
    "get_assessment_students",
    "get_current_enrollment",
    "get_result",
    "get_student_group_students",
    "get_student_guardians",
)
_EDUCATION_DOCTYPES = "education.education.doctype"
_EDUCATION_TOOLS = {
    "student_attendance_tool.student_attendance_tool.get_student_attendance_records": (
        "get_student_attendance_records"
    ),
    "student_group.student_group.fetch_students": "fetch_students",
    "student_group.student_group.get_students": "get_students",
    "student_leave_application.student_leave_application.get_student_groups": "get_student_groups",
}

# Calls of the platform and of Education that answer without looking at permissions.
override_whitelisted_methods = {
    **{f"education.education.api.{name}": f"ouderavond.api.education.{name}" for name in _EDUCATION_CALLS},
    **{
        f"{_EDUCATION_DOCTYPES}.{path}": f"ouderavond.api.education.{name}"
        for path, name in _EDUCATION_TOOLS.items()
    },
    "frappe.client.get_count": "ouderavond.api.platform.get_count",
    "frappe.desk.form.load.get_docinfo": "ouderavond.api.platform.get_docinfo",
    "frappe.desk.form.load.getdoc": "ouderavond.api.platform.getdoc",
    "frappe.desk.notifications.get_open_count": "ouderavond.api.platform.get_open_count",
    "frappe.desk.search.search_link": "ouderavond.api.platform.search_link",
    "frappe.desk.search.search_widget": "ouderavond.api.platform.search_widget",
    "frappe.utils.global_search.search": "ouderavond.api.platform.search_everywhere",
    "frappe.utils.goal.get_monthly_goal_graph_data": "ouderavond.api.platform.get_monthly_goal_graph_data",
    "frappe.utils.print_format.report_to_pdf": "ouderavond.api.platform.report_to_pdf",
}

page_renderer = [
    "ouderavond.templates.page.PortalPage",
    "ouderavond.templates.board.BoardPage",
    "ouderavond.templates.sign_in.SignInPage",
]

# Who signed in inside another site's page, where the platform's cookie does not come.
auth_hooks = ["ouderavond.framed.sessions.resume"]

# When the server cannot cope, this is said at once, and when to come back.
before_request = ["ouderavond.busy.before_request", "ouderavond.api.other_names.refuse"]
# Answers of ours are one person's own, and inside other pages only where the settings say so.
after_request = [
    "ouderavond.busy.after_request",
    "ouderavond.api.callers.keep_private",
    "ouderavond.framed.headers.after_request",
]

# Not `standard_portal_menu_items`: these are stored per route, and would stay after uninstalling.
portal_menu_items = [
    {"title": "Parent Evenings", "route": "/ouderavond", "role": "Guardian"},
    {"title": "Parent Evenings", "route": "/ouderavond", "role": "Student"},
    {"title": "Conversations with Me", "route": "/ouderavond#oa-instructor", "role": "Instructor"},
]

scheduler_events = {
    "cron": {
        "*/5 * * * *": [
            "ouderavond.evening.status.refresh_all",
            "ouderavond.evening.runs.mark_interrupted",
            "ouderavond.evening.waiting.serving.serve_all",
            "ouderavond.evening.online.waking.every_five_minutes",
            "ouderavond.evening.requests_letter.tell_quiet",
            "ouderavond.evening.conversations_letter.tell_quiet",
            "ouderavond.evening.links_letter.tell_due",
        ],
    },
    "hourly": [
        "ouderavond.evening.overviews.outage.make_this_morning",
        "ouderavond.evening.online.waking.hourly",
    ],
    "daily": [
        "ouderavond.evening.reserving.keys.forget_old",
        "ouderavond.evening.overviews.files.remove_old",
        "ouderavond.evening.overviews.outage.remove_expired",
        "ouderavond.evening.online.rows.forget_over",
        "ouderavond.evening.online.expiry.daily",
    ],
    "daily_long": ["ouderavond.evening.archiving.retention.daily"],
}

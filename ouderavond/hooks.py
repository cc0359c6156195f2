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

# The school's own records can always be deleted; what of ours points at them is tidied by the doc_events below.
ignore_links_on_delete = [
    "Booking Claim",
    "Conversation Offer",
    "Conversation Request",
    "Evening Block",
    "Evening Booking",
    "Evening Instructor",
    "Guardian Arrangement",
    "Guardians Not To Meet",
    "Parent Evening",
]

doc_events = {
    "Student": {
        "on_trash": "ouderavond.evening.departures.before_student_is_deleted",
        "on_update": "ouderavond.evening.people.follow_change_of_user",
    },
    "Guardian": {
        "on_trash": "ouderavond.evening.departures.before_guardian_is_deleted",
        "on_update": "ouderavond.evening.people.follow_change_of_user",
    },
    "Instructor": {
        "on_trash": "ouderavond.evening.departures.before_instructor_is_deleted",
        "on_update": "ouderavond.evening.people.follow_change_of_user",
    },
}

permission_query_conditions = {
    "Conversation Offer": "ouderavond.evening.permissions.offer_conditions",
    "Conversation Request": "ouderavond.evening.permissions.request_conditions",
    "Evening Block": "ouderavond.evening.permissions.block_conditions",
    "Evening Booking": "ouderavond.evening.permissions.booking_conditions",
    "Evening Instructor": "ouderavond.evening.permissions.evening_instructor_conditions",
    "Student": "ouderavond.evening.permissions.student_conditions",
}

has_permission = {
    "Conversation Offer": "ouderavond.evening.permissions.has_offer_permission",
    "Conversation Request": "ouderavond.evening.permissions.has_request_permission",
    "Evening Block": "ouderavond.evening.permissions.has_block_permission",
    "Evening Booking": "ouderavond.evening.permissions.has_booking_permission",
    "Evening Instructor": "ouderavond.evening.permissions.has_evening_instructor_permission",
    "Student": "ouderavond.evening.permissions.has_student_permission",
}

scheduler_events = {
    "cron": {
        "*/5 * * * *": [
            "ouderavond.evening.status.refresh_all",
            "ouderavond.evening.runs.mark_interrupted",
        ],
    },
}

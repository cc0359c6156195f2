def offer_conditions(user=None) -> str:
    return ""


def has_offer_permission(doc, ptype=None, user=None, debug=False) -> bool:
    return True


def request_conditions(user=None) -> str:
    return ""


def has_request_permission(doc, ptype=None, user=None, debug=False) -> bool:
    return True


def block_conditions(user=None) -> str:
    return ""


def has_block_permission(doc, ptype=None, user=None, debug=False) -> bool:
    return True


def booking_conditions(user=None) -> str:
    return ""


def has_booking_permission(doc, ptype=None, user=None, debug=False) -> bool:
    return True


def evening_instructor_conditions(user=None) -> str:
    return ""


def has_evening_instructor_permission(doc, ptype=None, user=None, debug=False) -> bool:
    return True


def student_conditions(user=None) -> str:
    return ""


def has_student_permission(doc, ptype=None, user=None, debug=False) -> bool:
    return True

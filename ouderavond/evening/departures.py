def before_student_is_deleted(doc, method=None) -> None:
    """Tidy what points at the student."""


def before_guardian_is_deleted(doc, method=None) -> None:
    """Tidy what points at the guardian."""


def before_instructor_is_deleted(doc, method=None) -> None:
    """Tidy what points at the instructor."""

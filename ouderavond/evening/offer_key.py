"""What makes two offers the same conversation: the set of instructors, as one text for the unique key."""

import hashlib
from collections.abc import Iterable

# The length of the column.
KEY_LENGTH = 140


def instructors_key(instructors: Iterable[str]) -> str:
    """The same text for the same set of instructors, in whatever order; at most 140 characters."""
    key = "\n".join(sorted(set(instructors)))
    if len(key) <= KEY_LENGTH:
        return key
    return hashlib.sha256(key.encode()).hexdigest()

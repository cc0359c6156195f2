"""What makes two offers the same conversation: the subject, and the set of instructors as one text."""

import hashlib
import unicodedata
from collections.abc import Iterable
from functools import lru_cache

# The length of the column.
KEY_LENGTH = 140


def instructors_key(instructors: Iterable[str]) -> str:
    """The same text for the same set of instructors, in whatever order; at most 140 characters."""
    key = "\n".join(sorted(set(instructors)))
    if len(key) <= KEY_LENGTH:
        return key
    return hashlib.sha256(key.encode()).hexdigest()


@lru_cache(maxsize=10_000)
def subject_key(subject: str) -> str:
    """A subject as the database compares it: without capitals, accents and spaces behind it."""
    parts = unicodedata.normalize("NFKD", subject.casefold())
    return "".join(character for character in parts if not unicodedata.combining(character)).rstrip()

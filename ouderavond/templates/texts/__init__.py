"""The sentences of the portal's script, in the reader's language: a module per part of the page."""

from ouderavond.templates.texts import booking, conversations, finding, instructor, requesting, waiting

PARTS = (booking, conversations, finding, instructor, requesting, waiting)


def all_texts() -> dict[str, str]:
    """The sentences of all parts; a part's names begin with its own word where they could meet another's."""
    return {key: sentence for part in PARTS for key, sentence in part.texts().items()}

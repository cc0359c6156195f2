def follow_change_of_user(doc, method=None) -> None:
    """Keep claims under the person's present key."""

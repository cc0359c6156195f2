def refresh_all() -> None:
    """Refresh the stored status of every evening."""

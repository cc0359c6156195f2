def mark_interrupted() -> None:
    """Mark runs whose worker is gone as interrupted."""

def before_uninstall() -> None:
    """Remove what the platform does not remove by itself."""


def after_uninstall() -> None:
    """Remove what is left once the DocTypes are gone."""

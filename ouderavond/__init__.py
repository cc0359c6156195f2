"""Ouderavond: parent evenings on top of Frappe Education."""

__version__ = "0.1.0"

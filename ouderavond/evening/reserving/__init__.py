"""Booking directly: the table of places, reserving a basket, holding, finding times, waiting for a place."""

"""Booking directly: the table of places, reserving a basket of them, holding, finding and waiting for them."""

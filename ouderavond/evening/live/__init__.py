"""The evening itself: what instructors tap, and how late they run by that."""

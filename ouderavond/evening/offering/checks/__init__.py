"""What can be wrong with the offers of an evening, one file per subject."""

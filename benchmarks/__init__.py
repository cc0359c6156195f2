"""The scheduler beside its peers, on invented schools; see README.md."""

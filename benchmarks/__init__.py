"""The scheduler beside its peers, on invented schools; see README.md."""

NOT_INSTALLED = 3  # exit code of a peer that needs something this machine has not

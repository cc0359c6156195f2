"""What the platform and browser tests stand on: a bench, a site of their own, and real processes."""

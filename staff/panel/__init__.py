"""**Access** on a chart: why somebody cannot get in, and what mends it."""

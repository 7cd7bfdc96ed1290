"""Dates in English, in words: "November 14, 1949", which nobody reads the wrong way round."""

DATE_FORMAT = "F j, Y"

"""Dates in Spanish as in the United States: "14 de noviembre de 1949", and the time with a.m. and p.m."""

DATE_FORMAT = r"j \d\e F \d\e Y"
TIME_FORMAT = "P"
DATETIME_FORMAT = r"j \d\e F \d\e Y, P"

"""Spanish as in the United States: "14 de noviembre de 1949", the time with a.m. and p.m., numbers as in 1,250.5.

Laboratories there write the point: a page that wrote a comma for it would be read as a thousand times as much.
"""

DATE_FORMAT = r"j \d\e F \d\e Y"
TIME_FORMAT = "P"
DATETIME_FORMAT = r"j \d\e F \d\e Y, P"
DECIMAL_SEPARATOR = "."
THOUSAND_SEPARATOR = ","

"""Where a letter to a patient goes: the lines of an address block, as the United States Postal Service reads them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db.models import Q

if TYPE_CHECKING:
    from practices.models import PatientRecord

HERE = {"", "US", "USA", "UNITED STATES", "UNITED STATES OF AMERICA"}
MOST_LINES = 2  # between name and city: more do not fit into the window
KNOWN = ~Q(addresses=[]) & ~Q(addresses__0__lines=[]) & Q(addresses__0__has_key="lines")


def lines(chart: PatientRecord) -> list[str]:
    """Street and city of the current address, without the name; empty where a letter would not arrive."""
    current = chart.addresses[0] if chart.addresses else {}
    street = [line.strip() for line in current.get("lines", []) if line.strip()][:MOST_LINES]
    city, state, postal_code = (current.get(part, "").strip() for part in ("city", "state", "postal_code"))
    place = f"{city}, {state} {postal_code}" if city and state else f"{city} {state} {postal_code}"
    place = " ".join(place.split())
    if not street or not place:
        return []
    country = current.get("country", "").strip()
    return [*street, place, *([] if country.upper() in HERE else [country])]

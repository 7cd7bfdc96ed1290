"""The reference to a report in an email: signed, so that nobody guesses one, and good at its own practice alone."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.core.signing import BadSignature, Signer

if TYPE_CHECKING:
    from practices.models import Practice
    from results.models import Report


def make(report: Report, practice: Practice) -> str:
    """It opens nothing by itself: it says where to go once somebody signed in."""
    return _signer(practice).sign(str(report.pk))


def read(reference: str, practice: Practice) -> int | None:
    """The id of the report, None where the reference was not made here."""
    try:
        return int(_signer(practice).unsign(reference))
    except BadSignature:
        return None


def _signer(practice: Practice) -> Signer:
    return Signer(sep=".", salt=f"results.links {practice.pk}")

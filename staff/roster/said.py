"""What the pages say of a file that was sent."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.utils.dateparse import parse_date
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from accounts import names
from practices.upload import UploadState

if TYPE_CHECKING:
    from collections.abc import Iterator

    from practices.upload import Upload


# By what the counts are called, in the order of the page.
COUNTED = {
    "reports": gettext_lazy("reports"),
    "new": gettext_lazy("new"),
    "changed": gettext_lazy("changed"),
    "same": gettext_lazy("same"),
    "withdrawn": gettext_lazy("withdrawn"),
    "refused": gettext_lazy("refused"),
}
FIELDS = {
    "given_names": gettext_lazy("First name"),
    "family_name": gettext_lazy("Last name"),
    "birth_date": gettext_lazy("Date of birth"),
    "emails": gettext_lazy("Email"),
    "mobile_phone": gettext_lazy("Mobile phone"),
    "home_phone": gettext_lazy("Home phone"),
    "deceased": gettext_lazy("Deceased"),
    "active": gettext_lazy("Active"),
}


def row(upload: Upload) -> dict[str, Any]:
    """A line of the list."""
    return {
        "upload": upload,
        "who": names.called(upload.by) if upload.by else "",
        "counts": ", ".join(f"{count:,} {words}" for count, words in counts(upload)),
        "kind": "success" if upload.state == UploadState.DONE else "info",
    }


def counts(upload: Upload) -> list[tuple[int, str]]:
    """Numbers and words."""
    there = upload.counts if upload.state in (UploadState.CHECKED, UploadState.IMPORTING, UploadState.DONE) else {}
    return [(there[name], str(words)) for name, words in COUNTED.items() if name in there]


def remarks(upload: Upload) -> Iterator[str]:
    """What else is worth knowing before **Import**, or after."""
    known = upload.counts if upload.state != UploadState.FAILED else {}
    for name, say in REMARKS.items():
        if count := known.get(name, 0):
            yield say(count) % {"count": f"{count:,}"}


def seen(found: dict[str, Any]) -> dict[str, Any]:
    """The first rows of each kind, with words for their fields."""
    changed = [
        {**one, "changes": [(FIELDS[name], _plain(name, was), _plain(name, now)) for name, was, now in one["changes"]]}
        for one in found.get("changed", [])
    ]
    new = [(*one, _day(born)) for *one, born in found.get("new", [])]
    return {**found, "new": new, "changed": changed}


def _plain(name: str, value: str | None) -> str:
    if name in ("deceased", "active"):
        return _("yes") if value in ("true", "t") else _("no")
    if name == "emails":
        value = (value or "").strip("{}").replace('"', "").replace(",", ", ")
    if name == "birth_date":
        value = _day(value or "")
    return value or _("none")


def _day(iso: str) -> str:
    """A date in words."""
    day = parse_date(iso)
    return date_format(day, "DATE_FORMAT") if day else iso


def _births(count: int) -> str:
    return ngettext(
        "%(count)s date of birth would change. Look whether the file is this practice's: whoever has a code types it.",
        "%(count)s dates of birth would change. Look whether the file is this practice's: whoever has a code types it.",
        count,
    )


def _conflicts(count: int) -> str:
    return ngettext(
        "%(count)s contact stays as it is until you decide: the patient verified it, or the desk changed it.",
        "%(count)s contacts stay as they are until you decide: the patient verified them, or the desk changed them.",
        count,
    )


def _merges(count: int) -> str:
    return ngettext(
        "%(count)s chart was merged into another one. What belongs to it moves once somebody reviewed it.",
        "%(count)s charts were merged into others. What belongs to them moves once somebody reviewed it.",
        count,
    )


def _phones(count: int) -> str:
    return ngettext(
        "%(count)s phone number kept as given, not usable for codes.",
        "%(count)s phone numbers kept as given, not usable for codes.",
        count,
    )


def _emails(count: int) -> str:
    return ngettext(
        "%(count)s email left out: it is no email address.",
        "%(count)s emails left out: they are no email addresses.",
        count,
    )


def _deceased(count: int) -> str:
    return ngettext(
        "%(count)s patient is deceased: no codes, and access rests.",
        "%(count)s patients are deceased: no codes, and access rests.",
        count,
    )


def _inactive(count: int) -> str:
    return ngettext(
        "%(count)s patient is inactive: no codes, and access rests.",
        "%(count)s patients are inactive: no codes, and access rests.",
        count,
    )


def _skipped(count: int) -> str:
    return ngettext(
        "%(count)s resource skipped: of another kind, or not final yet.",
        "%(count)s resources skipped: of another kind, or not final yet.",
        count,
    )


REMARKS = {
    "births": _births,
    "conflicts": _conflicts,
    "merges": _merges,
    "deceased": _deceased,
    "inactive": _inactive,
    "unusable_phones": _phones,
    "left_out_emails": _emails,
    "skipped": _skipped,
}

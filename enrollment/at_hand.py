"""The number of a code that somebody came with by a link, or typed: kept in the session, never in an address.

It is sealed there, as whatever must be read again.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from accounts import sessions
from accounts.sign_in import CODE_KEY as WAITS_KEY
from enrollment.journey import Step
from guard import secrets

if TYPE_CHECKING:
    from practices.current import PracticeRequest

KEY = "code_at_hand"
LETTER_KEY = "letter_at_hand"


def keep(request: PracticeRequest, number: str, *, waits: bool = False) -> None:
    """Keep a number, bare; nothing is known of it yet. `waits`: for a sign-in, which keeps it then.

    One that was typed ends with the session before: on a shared computer the next person is not shown it.
    """
    if waits:
        request.session[WAITS_KEY] = request.session[KEY] = secrets.seal({"number": number}).decode()
    elif number_of(request) != number:
        request.session[KEY] = secrets.seal({"number": number}).decode()
        request.session.pop(WAITS_KEY, None)
    if not request.user.is_authenticated:
        sessions.begin(request, request.practice, ends_at=Step.TERMS)


def number_of(request: PracticeRequest) -> str:
    """The number at hand, "" where there is none."""
    kept = request.session.get(KEY) or request.session.get(WAITS_KEY)
    return str(secrets.unseal(kept.encode())["number"]) if kept else ""


def forget(request: PracticeRequest) -> None:
    """It did its work."""
    request.session.pop(KEY, None)
    request.session.pop(WAITS_KEY, None)


def note_letter(request: PracticeRequest) -> None:
    """Note that somebody comes with a letter: once they accepted the terms, they type its number."""
    request.session[LETTER_KEY] = True
    if not request.user.is_authenticated:
        sessions.begin(request, request.practice, ends_at=Step.TERMS)


def comes_by_letter(request: PracticeRequest) -> bool:
    """Whether they do; asked once."""
    return bool(request.session.pop(LETTER_KEY, False))

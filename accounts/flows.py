"""What follows a step that several flows share: the second step of signing in, and the set-up of a security option.

A flow registers itself under a name, which the session keeps meanwhile: so a floor above goes on after a page of this
one, which does not import it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from verification.models import Purpose

if TYPE_CHECKING:
    from collections.abc import Callable

    from django.http import HttpResponse
    from django_otp.models import Device

    from accounts.models import Account
    from practices.current import PracticeRequest
    from verification.models import Option


@dataclass(frozen=True)
class Passed:
    """Who passed: the account, the option that was proven (None: the password alone), whether it has any at all.

    `is_new`: the account was made in this request. `next_path` is what the flow was begun with.
    """

    account: Account
    option: Option | None = None
    has_options: bool = False
    next_path: str = ""
    is_new: bool = False


def no_frame(_request: PracticeRequest) -> dict[str, object]:
    """Pages stand for themselves."""
    return {}


def nowhere(_request: PracticeRequest) -> str:
    """There is no such way."""
    return ""


def every(_request: PracticeRequest, found: list[Device]) -> list[Device]:
    """Any option will do."""
    return found


@dataclass(frozen=True)
class Flow:
    """`then` acts and says where to go on; `frame` is what pages show around them meanwhile (a step indicator).

    `purpose`: what the codes of its second step are good for. `among`: which of an account's options prove anything
    here. `stuck`: the route that **Cannot verify? Reset your account** leads to; `not_at_hand`: the address for
    who has an app or a passkey, but not here, "" where there is none. `start`: the route that **Back** leads to.
    """

    then: Callable[[PracticeRequest, Passed], HttpResponse]
    frame: Callable[[PracticeRequest], dict[str, object]] = no_frame
    purpose: Purpose = Purpose.SIGN_IN
    among: Callable[[PracticeRequest, list[Device]], list[Device]] = every
    stuck: str = "cannot_verify"
    not_at_hand: Callable[[PracticeRequest], str] = nowhere
    start: str = "sign_in"


_flows: dict[str, Flow] = {}


def register(name: str, flow: Flow) -> None:
    """Once, by the module of the views that go on."""
    _flows[name] = flow


def find(name: str) -> Flow:
    """The flow of a name that a session kept."""
    return _flows[name]

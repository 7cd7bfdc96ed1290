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


@dataclass(frozen=True)
class Flow:
    """`then` acts and says where to go on; `frame` is what pages show around them meanwhile (a step indicator).

    `purpose`: what the codes of its second step are good for.
    """

    then: Callable[[PracticeRequest, Passed], HttpResponse]
    frame: Callable[[PracticeRequest], dict[str, object]] = no_frame
    purpose: Purpose = Purpose.SIGN_IN


_flows: dict[str, Flow] = {}


def register(name: str, flow: Flow) -> None:
    """Once, by the module of the views that go on."""
    _flows[name] = flow


def find(name: str) -> Flow:
    """The flow of a name that a session kept."""
    return _flows[name]

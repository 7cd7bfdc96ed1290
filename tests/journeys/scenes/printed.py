"""Getting back in with paper, and with a phone that the practice has on file (docs/flows.md F.4, F.7)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.enrollment.reset_kit import Forgetful, a_reset_token, an_owner
from tests.journeys import cast
from tests.journeys.scenes.stage import Stage, shows, somebody

if TYPE_CHECKING:
    from practices.models import Practice


def got_a_letter(practice: Practice, **facts: str) -> Forgetful:
    """Maria, who has no security option, with a letter from the practice."""
    browser, person = Forgetful(practice), somebody()
    owner = an_owner(practice, person, name=cast.new_address("maria").partition("@")[0], **facts)
    assert browser.type_reset_token(a_reset_token(owner, mailed=True)).status_code == 302
    browser.choose_password()
    return browser


@shows("reset_token")
def has_paper(practice: Practice) -> Stage:
    return Stage(Forgetful(practice))


@shows("reset_by_record", "reset_by_record_code")
def proves_a_new_password_by_the_phone_on_file(practice: Practice) -> Stage:
    browser = got_a_letter(practice)
    assert browser.ask_phone().status_code == 302
    return Stage(browser)


@shows("reset_by_record")
def has_no_phone_on_file_for_a_new_password(practice: Practice) -> Stage:
    return Stage(got_a_letter(practice, mobile_e164=""))

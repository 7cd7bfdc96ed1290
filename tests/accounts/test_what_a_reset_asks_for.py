"""What a forgotten password asks for, in cases that no page shows by itself: dead links, and proofs that change."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from django.db import transaction
from django.db.models import F

from accounts import account_changes, password, password_reset, reset_links
from accounts.models import Account, AccountChange, ChangeKind
from accounts.password_reset import Proof, Reset
from guard import sessions
from tests.accounts.options_kit import an_app
from tests.accounts.test_passkeys import ADD, asked, origin
from tests.people import MARIA, Browser, a_practice, a_request, an_option, mail, path_of, trail
from tests.verification.soft_keys import SoftKey
from verification import changes, options
from verification.models import AuthenticatorOption

if TYPE_CHECKING:
    from practices.current import PracticeRequest
    from practices.models import Practice

pytestmark = pytest.mark.django_db
NEW = "Quiet-harbor-58"


@pytest.fixture
def request_(practice: Practice) -> PracticeRequest:
    """Of somebody's browser, which knows no account."""
    request = a_request(practice)
    request.session = sessions.SessionStore()
    return request


def link(account: Account, request: PracticeRequest) -> Reset:
    """What the newest link in her mail brings, which this browser opened."""
    assert reset_links.ask(name=account.sign_in_name, request=request)
    secret = path_of(mail("password_reset_link", to=MARIA.email)[-1]["link"]).rstrip("/").rpartition("/")[2]
    password_reset.begin(request, account_id=account.pk, kind=reset_links.KIND, key=secret)
    return Reset(account, reset_links.KIND, secret, "")


def is_good(reset: Reset, request: PracticeRequest) -> bool:
    return reset.ground.is_good(Account.objects.get(pk=reset.account.pk), reset.key, request)


def test_link_that_died_with_a_password_stays_dead_when_that_one_is_put_back(
    account: Account, request_: PracticeRequest
) -> None:
    old = link(account, request_)
    password.change(account=account, password=NEW, request=a_signed_in(account))
    assert not is_good(old, request_)
    change = AccountChange.objects.get(account=account, kind=ChangeKind.PASSWORD)
    account_changes.object_to(change=change, request=request_)
    assert not is_good(old, request_)


def a_signed_in(account: Account) -> PracticeRequest:
    browser = Browser(a_practice("oak"))
    browser.sign_in(account.sign_in_name)
    request: PracticeRequest = browser.get("/settings/").wsgi_request
    return request


def test_this_wasnt_me_ends_the_link_that_waits(account: Account, request_: PracticeRequest) -> None:
    """Whoever is at work reads that mailbox."""
    an_app(account)
    first = link(account, request_)
    password_reset.wait(first, request_)
    change = AccountChange.objects.get(account=account, kind=ChangeKind.WAIT)
    account_changes.object_to(change=change, request=request_)
    assert not is_good(first, request_)


def test_who_waited_for_a_day_and_has_a_passkey_of_another_host_only_is_not_stuck(
    account: Account, request_: PracticeRequest
) -> None:
    elsewhere = Browser(a_practice("oak"))
    elsewhere.sign_in(account.sign_in_name)
    answer = SoftKey().make(asked(elsewhere.get(ADD)), origin(elsewhere))
    elsewhere.post(ADD, {"called": "Key", "answer": answer})
    assert len(options.of(account)) == 1
    begun = link(account, request_)
    assert password_reset.asked(begun, request_) is Proof.WAIT
    password_reset.wait(begun, request_)
    a_day_passes(account)
    chosen = password_reset.keep_password(begun, NEW, request_)
    proof = password_reset.asked(chosen, request_)
    assert proof is Proof.RECORD
    password_reset.complete(chosen, proof=proof, option=None, request=request_)


def test_who_waited_for_a_day_and_lost_the_only_app_proves_the_record_instead(
    account: Account, request_: PracticeRequest
) -> None:
    AuthenticatorOption.objects.create(user=account, confirmed=True, key_sealed=b"lost")
    begun = link(account, request_)
    chosen = password_reset.keep_password(begun, NEW, request_)
    with pytest.raises(password_reset.NotProvenError):
        password_reset.complete(chosen, proof=Proof.RECORD, option=None, request=request_)
    password_reset.wait(chosen, request_)
    assert not password_reset.may_prove_record(chosen, request_)
    a_day_passes(account)
    assert password_reset.asked(chosen, request_) is Proof.OPTION  # which may have been found again
    password_reset.complete(chosen, proof=Proof.RECORD, option=None, request=request_)
    assert Account.objects.get(pk=account.pk).password == chosen.hashed


def test_after_this_wasnt_me_only_the_app_the_passkey_or_the_desk_helps(
    account: Account, request_: PracticeRequest, practice: Practice
) -> None:
    option = an_option(account)
    with transaction.atomic():
        changes.block(account=account, practice=practice)
    begun = link(account, request_)
    chosen = password_reset.keep_password(begun, NEW, request_)
    assert password_reset.asked(chosen, request_) is Proof.STOPPED
    for proof, proven in ((Proof.OPTION, option), (Proof.RECORD, None), (Proof.NONE, None)):
        with pytest.raises(password_reset.NotProvenError):
            password_reset.complete(chosen, proof=proof, option=proven, request=request_)
    password_reset.wait(chosen, request_)
    assert account_changes.waiting(account, ChangeKind.WAIT) is None
    with transaction.atomic():
        changes.lift(account)
    assert password_reset.asked(chosen, request_) is Proof.OPTION


def a_day_passes(account: Account) -> None:
    AccountChange.objects.filter(account=account).update(
        at=F("at") - timedelta(days=1), due_at=F("due_at") - timedelta(days=1)
    )


def test_reset_of_the_account_that_ends_with_a_new_password_is_in_the_trail(
    account: Account, request_: PracticeRequest, practice: Practice
) -> None:
    option = an_option(account)
    with transaction.atomic():
        account_changes.note_waiting(account, practice, ChangeKind.CLOSING, lasts=timedelta(days=1))
    begun = link(account, request_)
    chosen = password_reset.keep_password(begun, NEW, request_)
    password_reset.complete(chosen, proof=Proof.OPTION, option=option, request=request_)
    assert account_changes.waiting(account, ChangeKind.CLOSING) is None
    assert trail(practice, "account_reset.cancelled") == [str(account.pk)]

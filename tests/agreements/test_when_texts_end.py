"""A yes to texts ends with the form, the record or the person that it was said for."""

from __future__ import annotations

import pytest

from accounts import access
from accounts.models import AccessState, Account, PatientAccess
from agreements import answering, drafts
from agreements.models import ConsentVersion, Governs, Whose
from notifications import texting
from notifications.models import Lane, TextingConsent
from practices.models import Practice
from tests import people
from tests.agreements.kit import SAID, a_form, agree, next_version, record_of, say_no, standing, the_text

MOBILE, OWN = "+12125550142", "+16465550177"


@pytest.fixture
def practice(db: None) -> Practice:
    return people.a_practice()


@pytest.fixture
def account(practice: Practice) -> Account:
    token = people.a_token_for(practice, mobile_e164=MOBILE, mobile_phone="(212) 555-0142")
    return people.an_account(practice, token=token)


@pytest.fixture
def form(practice: Practice) -> ConsentVersion:
    return a_form(practice, required=False, governs=Governs.TEXTING)


def texted(notice: str) -> list[str]:
    return [one["to"] for one in people.mail(notice, channel="sms", lane=Lane.BULK)]


def test_no_for_oneself_ends_what_was_agreed_to_for_a_record(
    account: Account, practice: Practice, form: ConsentVersion
) -> None:
    agree(account, practice, form)
    once = next_version(form, whose=Whose.ACCOUNT)
    say_no(answering.decline, account, practice, once)
    assert not texting.agreed(practice, MOBILE)
    assert texted("texting_off") == [MOBILE]


def test_no_for_a_record_ends_what_was_agreed_to_for_oneself(account: Account, practice: Practice) -> None:
    form = a_form(practice, required=False, governs=Governs.TEXTING, whose=Whose.ACCOUNT)
    option = people.an_option(account, OWN)
    agree(account, practice, form)
    option.delete()
    say_no(answering.decline, account, practice, next_version(form, whose=Whose.RECORD))
    assert not texting.agreed(practice, OWN)


@pytest.mark.parametrize(("before", "after"), [(Whose.RECORD, Whose.ACCOUNT), (Whose.ACCOUNT, Whose.RECORD)])
def test_yes_takes_the_place_of_a_no_that_was_said_the_other_way(
    account: Account, practice: Practice, before: Whose, after: Whose
) -> None:
    people.an_option(account, OWN)
    form = a_form(practice, required=False, governs=Governs.TEXTING, whose=before)
    say_no(answering.decline, account, practice, form)
    agree(account, practice, next_version(form, whose=after))
    assert texting.agreed(practice, OWN)


def test_no_for_one_record_leaves_the_other(account: Account, practice: Practice, form: ConsentVersion) -> None:
    hers, his = opens_two(account, practice)
    for ask in standing(account, practice).asks:
        answering.agree(account=account, ask=ask, text=the_text(form), answers=SAID, request=people.a_request(practice))
    say_no(answering.withdraw, account, practice, form)
    assert not texting.agreed(practice, his)
    assert texting.agreed(practice, hers)


def opens_two(account: Account, practice: Practice) -> tuple[str, str]:
    """The account opens another record beside its own; the phones of both."""
    chart = people.a_chart(practice, people.HER_FATHER, mobile_e164=OWN, mobile_phone="(646) 555-0177")
    PatientAccess.objects.create(
        account=account, practice=practice, record=chart, state=AccessState.ACTIVE, relationship="parent"
    )
    return MOBILE, OWN


def test_yes_to_a_form_that_is_asked_no_longer_ends(account: Account, practice: Practice, form: ConsentVersion) -> None:
    agree(account, practice, form)
    drafts.retire(form=form.form, by=None)
    assert not texting.agreed(practice, MOBILE)


def test_yes_stays_while_another_form_asks_about_texts(
    account: Account, practice: Practice, form: ConsentVersion
) -> None:
    agree(account, practice, form)
    drafts.begin_form(practice=practice, title="A draft", governs=Governs.TEXTING)
    other = a_form(practice, title="Texts", required=False, governs=Governs.TEXTING)
    drafts.retire(form=form.form, by=None)
    assert texting.agreed(practice, MOBILE)
    drafts.retire(form=a_form(practice, title="Telehealth").form, by=None)
    assert texting.agreed(practice, MOBILE)
    drafts.retire(form=other.form, by=None)
    assert not texting.agreed(practice, MOBILE)


def test_form_about_texts_that_comes_back_asks_everybody_again(
    account: Account, practice: Practice, form: ConsentVersion
) -> None:
    agree(account, practice, form)
    drafts.retire(form=form.form, by=None)
    back = next_version(form, asks_again=False)
    assert standing(account, practice).asks[-1].is_due
    agree(account, practice, back)
    assert texting.agreed(practice, MOBILE)


def test_no_outlives_a_form_that_goes_and_comes_back(
    account: Account, practice: Practice, form: ConsentVersion
) -> None:
    token = people.a_token_for(practice, people.HER_FATHER, mobile_e164=MOBILE, mobile_phone="(212) 555-0142")
    father = people.an_account(practice, people.HER_FATHER, token=token)
    say_no(answering.decline, father, practice, form)
    drafts.retire(form=form.form, by=None)
    agree(account, practice, next_version(form))
    assert not texting.agreed(practice, MOBILE)


def this_was_not_me(practice: Practice) -> None:
    """Whoever was told of the account's enrollment presses the button."""
    [told] = people.mail("enrollment_complete", practice=practice)
    made = access.objection(people.path_of(told["not_me"]).split("/")[2], practice)
    assert made
    access.object_to(made=made, request=people.a_request(practice))


def test_yes_for_a_record_ends_with_the_access_to_it(
    account: Account, practice: Practice, form: ConsentVersion
) -> None:
    agree(account, practice, form)
    this_was_not_me(practice)
    assert not texting.agreed(practice, MOBILE)


def test_no_for_a_record_ends_with_the_access_to_it(account: Account, practice: Practice, form: ConsentVersion) -> None:
    """Whoever should not have got in does not silence the patient."""
    say_no(answering.decline, account, practice, form)
    this_was_not_me(practice)
    assert not TextingConsent.objects.filter(account=account).exists()


@pytest.mark.parametrize("is_left", [True, False])
def test_yes_for_oneself_ends_with_the_last_access(account: Account, practice: Practice, *, is_left: bool) -> None:
    people.an_option(account, OWN)
    if is_left:
        opens_two(account, practice)
    agree(account, practice, a_form(practice, required=False, governs=Governs.TEXTING, whose=Whose.ACCOUNT))
    this_was_not_me(practice)
    assert texting.agreed(practice, OWN) is is_left


def test_yes_ends_with_a_claim_that_gives_way(account: Account, practice: Practice) -> None:
    PatientAccess.objects.filter(account=account).update(state=AccessState.WAITING)
    texting.allow(practice=practice, account=account, record=record_of(account), numbers=[MOBILE])
    access.end_waiting(chart=record_of(account), practice=practice, of=account)
    assert not texting.agreed(practice, MOBILE)

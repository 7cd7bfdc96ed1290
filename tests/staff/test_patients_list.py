"""**Patients**: all of them, those that the desk looks for, and who stands where on the way into the portal."""

from __future__ import annotations

import re
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from enrollment import admission, codes, inviting
from enrollment.models import CodeKind, Enrollment, EnrollmentCode, Handover
from practices.models import PatientRecord
from tests.people import (
    A_CHILD,
    A_STRANGER,
    ANNA,
    BEN,
    HER_FATHER,
    MARIA,
    Browser,
    a_chart,
    a_practice,
    a_request,
    a_token_for,
    an_account,
    front_desk,
    h1,
    words,
)
from tests.staff.kit import at_work

if TYPE_CHECKING:
    from practices.models import Practice

pytestmark = pytest.mark.django_db
PAGE = "/staff/patients/"
SIOBHAN = {"given_names": "Siobhán", "family_name": "O'Brien-Núñez", "former_family_names": ["Walsh", "Ó Sé"]}
LUCIA = {"given_names": "Lucía", "family_name": "Hernández de la Cruz"}


@pytest.fixture
def desk(practice: Practice) -> Browser:
    return at_work(front_desk(practice), practice)[0]


def find(desk: Browser, typed: str) -> Any:
    assert desk.post(PAGE, {"patient": typed}).url == PAGE
    return desk.get(PAGE)


def listed(page: Any) -> list[int]:
    """The ids of the patients on a page, in its order."""
    return [int(pk) for pk in re.findall(r'portal-patient__name" href="/staff/patients/(\d+)/"', page.content.decode())]


def test_all_patients_are_listed_by_name(desk: Browser, practice: Practice) -> None:
    charts = [a_chart(practice, person) for person in (A_STRANGER, MARIA, ANNA, HER_FATHER, BEN)]
    single = a_chart(practice, A_STRANGER, family_name="", given_names="Ismail")
    page = desk.get(PAGE)
    assert h1(page) == "Patients"
    stranger, maria, anna, father, ben = (chart.pk for chart in charts)
    assert listed(page) == [single.pk, anna, ben, stranger, maria, father]
    assert "Maria Elena Santos March 12, 1984" in words(page)


def test_nobody_here_yet(desk: Browser) -> None:
    assert "There are no patients here yet." in words(desk.get(PAGE))


def test_every_fact_finds_the_patient(desk: Browser, practice: Practice) -> None:
    """A table in one world: what is typed, and who is found, in the order of the page."""
    maria = a_chart(
        practice,
        emails=["Maria@Example.com", "work@clinic.example"],
        mrn="R-100001a",
        mobile_phone="(212) 555-0142",
        mobile_e164="+12125550142",
        home_e164="+12125550199",
    ).pk
    father = a_chart(practice, HER_FATHER, mrn="00717171", work_e164="+12125550177", home_e164="+12125550199").pk
    siobhan = a_chart(practice, ANNA, **SIOBHAN, birth_date=date(1990, 1, 19), mrn="5550142").pk
    lucia = a_chart(practice, BEN, **LUCIA, emails=["lucia+portal@example.com"]).pk
    oliver = a_chart(practice, A_STRANGER, given_names="Santoso", family_name="Oliver").pk
    chinese = a_chart(practice, A_STRANGER, given_names="小龍", family_name="李", emails=[]).pk
    table: dict[str, list[int]] = {
        "santos": [maria, father, oliver],  # last names first, then given names
        "SANTOS ": [maria, father, oliver],
        "san": [maria, father, oliver],
        "maria": [maria],
        "maria santos": [maria],
        "Maria Elena Santos": [maria],
        "santos, maria": [maria],
        "santos m": [maria],
        "elena": [],  # a beginning of a name, not a middle one
        "obrien nunez": [siobhan],
        "o'brien": [siobhan],
        "Siobhan": [siobhan],
        "walsh": [siobhan],  # a former name
        "siobhan o se": [siobhan],
        "o sé, siobhán": [siobhan],
        "de la cruz": [],
        "hernandez": [lucia],
        "lucia hernandez": [lucia],
        "hernández lucía": [lucia],
        "hernandez de la cruz lucia": [lucia],
        "李": [chinese],
        "R-100001a": [maria],
        "r-100001A": [],  # numbers are told apart as they are written, or all in capitals or small letters
        "00717171": [father],
        "3/12/1984": [maria],
        "1984-03-12": [maria],
        "03121984": [maria],
        "santos 3/12/1984": [maria],
        "3/12/1984 maria elena": [maria],
        "santos 3/13/1984": [],
        "(212) 555-0142": [maria],
        "212.555.0142": [maria],
        "+1 212 555 0142": [maria],
        "5550142": [siobhan, maria],  # one's number, the other's phone
        "0199": [maria, father],
        "santos 0177": [father],
        "rivera 0177": [],
        "maria@example.com": [maria],
        "MARIA@example.com santos": [maria],
        "work@clinic.example": [maria],
        "lucia+portal@": [lucia],
        "nobody@example.com": [],
    }
    found = {typed: listed(find(desk, typed)) for typed in table}
    assert found == table


def test_what_cannot_be_read_is_said(desk: Browser, practice: Practice) -> None:
    a_chart(practice)
    for typed, said in {
        "santos 3/12/84": "Enter the year with four digits",
        "2/30/1984": "There is no such day",
        "?!": "Enter letters or digits.",
    }.items():
        answer = desk.post(PAGE, {"patient": typed})
        assert answer.status_code == 400
        assert said in words(answer)


def test_nobody_found_says_what_else_to_try_and_all_come_back(desk: Browser, practice: Practice) -> None:
    chart = a_chart(practice)
    page = find(desk, "Nobody")
    assert "There is no such patient here. Try less of the name" in words(page)
    assert "Found for “Nobody”" in words(page)
    assert desk.post(f"{PAGE}all/").url == PAGE
    assert listed(desk.get(PAGE)) == [chart.pk]
    assert desk.get(f"{PAGE}all/").status_code == 405


def test_names_stand_in_no_address(desk: Browser, practice: Practice) -> None:
    charts = [a_chart(practice, A_STRANGER), a_chart(practice)]
    assert listed(desk.get(f"{PAGE}?patient=Santos")) == [chart.pk for chart in charts]
    assert "Santos" not in desk.post(PAGE, {"patient": "Santos"}).url


def test_what_is_changed_is_found_at_once_however_it_was_written(desk: Browser, practice: Practice) -> None:
    chart = a_chart(practice, emails=["old@example.com"])
    chart.family_name, chart.emails, chart.mobile_e164 = "Nguyễn", ["new@example.com"], "+12125550123"
    chart.save()
    for typed in ("nguyen", "new@example.com", "0123"):
        assert listed(find(desk, typed)) == [chart.pk]
    assert listed(find(desk, "santos")) == listed(find(desk, "old@example.com")) == []
    PatientRecord.objects.filter(pk=chart.pk).update(former_family_names=["Ñandú"])
    assert listed(find(desk, "nandu")) == [chart.pk]


@pytest.mark.parametrize("typed", ["", "many", "ann", "0142", "3/12/1984"])
def test_pages_follow_each_other_without_a_gap(desk: Browser, practice: Practice, typed: str) -> None:
    """`ann`: 15 by the last name, and then 30 by the given name, across the ways to look."""
    facts: dict[str, Any] = {"mobile_e164": "+12125550142"}
    charts = [a_chart(practice, given_names="Ann", family_name="Many", **facts) for _ in range(30)]
    charts += [a_chart(practice, given_names="Ann", family_name="Anning", **facts) for _ in range(15)]
    page, seen = find(desk, typed), list[int]()
    while True:
        seen += listed(page)
        onward = re.search(r'href="(\?[^"]*after=[^"]*)">More patients', page.content.decode())
        if onward is None:
            break
        assert len(listed(page)) == 20
        page = desk.get(PAGE + onward[1].replace("&amp;", "&"))
        assert "Back to the first" in words(page)
    wanted = {chart.pk for chart in charts if typed != "many" or chart.family_name == "Many"}
    assert len(seen) == len(set(seen)) == len(wanted)
    assert set(seen) == wanted


def test_strange_addresses_show_the_beginning_or_nothing(desk: Browser, practice: Practice) -> None:
    chart = a_chart(practice)
    for strange in ("?after=x", "?show=nonsense", "?after=-1", "?after=99999999999999999999", "?way=9", "?after=1"):
        assert listed(desk.get(PAGE + strange)) == [chart.pk]
    assert listed(desk.get(f"{PAGE}?after=1&way=20")) == []


def test_other_practices_patients_are_not_there(desk: Browser, practice: Practice) -> None:
    elsewhere = a_practice("oak")
    theirs = a_chart(elsewhere, mobile_e164="+12125550142", emails=["maria@example.com", "two@example.com"])
    an_account(elsewhere, A_STRANGER)
    for typed in (
        "santos",
        "maria",
        "oliveira",
        theirs.mrn,
        "3/12/1984",
        "0142",
        "maria@example.com",
        "two@example.com",
    ):
        assert listed(find(desk, typed)) == []
    for show in ("", "not_enrolled", "code_pending", "expired", "enrolled", "stuck"):
        assert listed(desk.get(f"{PAGE}?show={show}&after={theirs.pk + 1}")) == []
    assert listed(find(desk, "")) == []


def test_each_list_has_who_belongs_there(desk: Browser, practice: Practice) -> None:
    enrolled = PatientRecord.objects.get(accesses__account=an_account(practice)).pk
    none = a_chart(practice, A_STRANGER).pk
    a_chart(practice, A_STRANGER, deceased=True)
    a_chart(practice, A_STRANGER, active=False)
    pending = a_chart(practice, ANNA)
    inviting.send(chart=pending, kind=CodeKind.ACTIVATION, by=None)
    expired = a_chart(practice, BEN)
    inviting.send(chart=expired, kind=CodeKind.INVITATION, by=None)
    EnrollmentCode.objects.filter(record=expired).update(expires_at=timezone.now() - timedelta(days=3))
    token = a_token_for(practice, HER_FATHER)
    admission.begin(code=token.code, email="", request=a_request(practice))
    again = a_token_for(practice, A_CHILD)
    admission.begin(code=again.code, email="", request=a_request(practice))  # just now: nobody is stuck yet
    Enrollment.objects.filter(record=token.chart).update(started_at=timezone.now() - timedelta(hours=2))
    tabs = {
        show: desk.get(f"{PAGE}?show={show}")
        for show in ("not_enrolled", "code_pending", "expired", "enrolled", "stuck")
    }
    newest_first = [again.chart.pk, token.chart.pk, expired.pk, pending.pk, none]
    assert {show: listed(page) for show, page in tabs.items()} == {
        "not_enrolled": newest_first,
        "code_pending": [token.chart.pk, again.chart.pk, pending.pk],  # handed tokens end first
        "expired": [expired.pk],
        "enrolled": [enrolled],
        "stuck": [token.chart.pk],
    }
    assert "Activation code, good until" in words(tabs["code_pending"])
    assert "Invitation, ended" in words(tabs["expired"])
    assert "Typed the code, and made no account; began" in words(tabs["stuck"])
    assert 'aria-current="page">Stuck</a>' in tabs["stuck"].content.decode()


def test_empty_lists_say_so(desk: Browser) -> None:
    for show, said in {
        "not_enrolled": "Every patient has an account.",
        "code_pending": "Nobody has a code that waits to be used.",
        "expired": "Nobody's code expired unused.",
        "enrolled": "Nobody is enrolled yet.",
        "stuck": "Nobody is stuck.",
    }.items():
        assert said in words(desk.get(f"{PAGE}?show={show}"))


def test_lists_are_gone_through_page_by_page(desk: Browser, practice: Practice) -> None:
    """25 with a code that ends at the same moment as others' does: 20, and 5."""
    charts = [a_chart(practice, A_STRANGER) for _ in range(25)]
    for chart in charts:
        codes.issue(chart=chart, kind=CodeKind.TOKEN, handover=Handover.HANDED, by=None)
    mine = EnrollmentCode.objects.filter(practice=practice)
    Enrollment.objects.bulk_create(
        Enrollment(practice=practice, record=code.record, code=code, step="token") for code in mine
    )
    long_ago = timezone.now() - timedelta(days=1)
    Enrollment.objects.filter(practice=practice).update(started_at=long_ago)
    for show, ends in {"not_enrolled": None, "code_pending": 1, "expired": -1, "stuck": None}.items():
        if ends:
            mine.update(expires_at=timezone.now() + timedelta(days=ends))
        first = desk.get(f"{PAGE}?show={show}")
        onward = re.search(r'href="(\?[^"]*after=\d+)">More patients', first.content.decode())
        assert onward is not None, show
        second = desk.get(PAGE + onward[1].replace("&amp;", "&"))
        seen = listed(first) + listed(second)
        assert (len(listed(first)), len(seen)) == (20, 25), show
        assert set(seen) == {chart.pk for chart in charts}, show
        assert "More patients" not in words(second)


def test_pages_cost_the_same_for_one_and_for_many(desk: Browser, practice: Practice) -> None:
    def cost(where: str) -> int:
        with CaptureQueriesContext(connection) as queries:
            desk.get(where)
        return len(queries)

    pages = [f"{PAGE}?show={show}" for show in ("", "not_enrolled", "code_pending", "stuck")]
    find(desk, "santos")
    for number in range(25):
        token = a_token_for(practice, MARIA, given_names=f"Maria {number}")
        admission.begin(code=token.code, email="", request=a_request(practice))
        Enrollment.objects.filter(code=token.code).update(started_at=timezone.now() - timedelta(hours=2))
        if number == 0:
            one = [cost(page) for page in pages]
    assert [cost(page) for page in pages] == one
    assert max(one) <= 14

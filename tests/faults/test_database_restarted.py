"""PostgreSQL is restarted while patients enroll: a page of ours meanwhile, nobody half enrolled, all go on."""

from __future__ import annotations

import signal

import pytest

from practices.models import Practice
from tests.faults import truth
from tests.faults.conftest import Patients, answer_of, status_of
from tests.faults.outages import (
    all_have_mail,
    database_away,
    restart_database,
    tracebacks,
    wait_for_an_account_in_the_making,
)
from tests.faults.patients import OWN_PAGES, enrolling
from tests.faults.stack import LANES, SENDING, Portal
from tests.processes import wait_until


@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGQUIT], ids=lambda how: how.name)
def test_patients_go_on_where_they_were(portal: Portal, patients: Patients, how: signal.Signals) -> None:
    said = {name: len(one.words()) for name, one in portal.own.items()}
    with enrolling(patients(40), at_once=4) as crowd:
        wait_until(lambda: len(crowd.done) >= 3)
        wait_for_an_account_in_the_making(portal, crowd)
        restart_database(portal, how)
        wait_until(lambda: len(crowd.done) >= 8)
        crowd.hold_back()
    failed = [page for page in crowd.pages if page.failed]
    assert {(page.status, page.retry_after) for page in failed} == {(503, "5")}
    assert {page.status for page in crowd.pages} <= OWN_PAGES
    assert all(patient.is_done for patient in crowd.patients), [patient.ended_at for patient in crowd.patients]
    truth.check_nobody_is_half_enrolled(crowd.patients)
    assert crowd.patients[0].sign_in()
    wait_until(all_have_mail(portal, crowd.patients), log=portal.workers["urgent-1"].log)
    lost, duplicate = truth.lost_and_duplicate(portal.mail)
    assert (lost, duplicate <= len(LANES) * SENDING) == (0, True)
    for name in ("web", "urgent-1", "urgent-2"):  # a line for each page or worker that met it, and no tracebacks
        assert tracebacks(portal.own[name].words(said[name])) == []


def test_while_it_is_away_people_read_why_and_nothing_hangs(
    portal: Portal, practice: Practice, patients: Patients
) -> None:
    [late] = patients(1)
    late.open("/enroll/")
    said = len(portal.workers["bulk"].words())
    with database_away(portal):
        page, _ = late._ask("POST", "/enroll/", late.form({}))
        english, headers, words = answer_of(portal, practice, "/terms/")
        spanish, _, palabras = answer_of(portal, practice, "/terms/", **{"Accept-Language": "es"})
        assert (page.status, english, spanish, headers["Retry-After"]) == (503, 503, 503, "5")
        assert "It does no harm to send it once more." in words
        assert practice.phone in words
        assert "It does no harm" not in palabras
        assert status_of(portal, practice, "/") == 200  # it asks nothing
        assert portal.is_healthy()  # the process is: ending it would mend nothing
        wait_until(lambda: "database away" in portal.workers["bulk"].words(said))
    assert [status_of(portal, practice, "/terms/") for _ in range(40)] == [200] * 40  # no dead connection was kept
    late.enroll()
    assert late.is_done
    wait_until(lambda: "database back" in portal.workers["bulk"].words(said))
    assert portal.workers["bulk"].words(said).count("database away") == 1

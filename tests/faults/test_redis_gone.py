"""Redis is gone or frozen while patients enroll: no page fails, and their mail leaves while it is away."""

from __future__ import annotations

import pytest

from tests.faults import truth
from tests.faults.conftest import Patients
from tests.faults.outages import all_have_mail, redis_away, tasks_without_end, wait_until_workers_listen
from tests.faults.patients import enrolling
from tests.faults.stack import Portal
from tests.processes import wait_until


@pytest.mark.parametrize("how", ["frozen", "gone"])
def test_patients_enroll_and_get_their_mail_meanwhile(portal: Portal, patients: Patients, how: str) -> None:
    everybody = patients(6)
    with redis_away(portal, how):
        with enrolling(everybody, at_once=3) as crowd:
            pass
        wait_until(all_have_mail(portal, everybody), log=portal.workers["urgent-1"].log)
    assert all(patient.is_done for patient in everybody)
    assert [page for page in crowd.pages if page.failed] == []
    truth.check_nobody_is_half_enrolled(everybody)
    assert truth.lost_and_duplicate(portal.mail) == (0, 0)
    wait_until_workers_listen(portal)


def test_workers_with_tasks_in_hand_outlive_it(portal: Portal) -> None:
    def have_noticed(said: dict[str, int]) -> bool:
        alive = [name for name, worker in portal.workers.items() if worker.lives]
        return all("Connection to broker lost" in portal.workers[name].words(said[name]) for name in alive)

    with tasks_without_end(portal):
        for _ in range(2):
            wait_until_workers_listen(portal)
            said = {name: len(worker.words()) for name, worker in portal.workers.items()}
            with redis_away(portal, "gone"):
                wait_until(lambda said=said: have_noticed(said))  # type: ignore[misc]
    assert [name for name, worker in portal.workers.items() if not worker.lives] == []
    wait_until_workers_listen(portal)

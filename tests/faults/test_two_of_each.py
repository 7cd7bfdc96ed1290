"""Two web processes and two urgent workers at once: one account a patient, and each message once."""

from __future__ import annotations

import copy
import threading

from tests.faults import truth
from tests.faults.conftest import Patients
from tests.faults.outages import all_have_mail
from tests.faults.patients import LAST_BUTTON, Patient
from tests.faults.stack import Portal
from tests.processes import wait_until


def press_twice(patient: Patient) -> list[Patient]:
    """**Create account** from two windows of one browser, at the same instant."""
    patient.walk(until=[LAST_BUTTON])
    patient.hang_up()
    windows = [copy.copy(patient) for _ in range(2)]
    for window in windows:
        window.cookies, window.pages = dict(patient.cookies), list(patient.pages)
    together = threading.Barrier(len(windows))

    def press(window: Patient) -> None:
        together.wait()
        window.enroll_from(LAST_BUTTON)

    threads = [threading.Thread(target=press, args=(window,)) for window in windows]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return windows


def test_pressed_twice_the_last_button_makes_one_account(portal: Portal, patients: Patients) -> None:
    everybody = patients(8)
    windows = [window for patient in everybody for window in press_twice(patient)]
    assert [page for window in windows for page in window.pages if page.failed] == []
    for one, other in zip(windows[::2], windows[1::2], strict=True):
        assert one.is_done or other.is_done, (one.ended_at, other.ended_at)
    wait_until(all_have_mail(portal, everybody))
    wait_until(lambda: set(truth.states()) == {"sent"})
    truth.check_nobody_is_half_enrolled(windows)
    assert truth.lost_and_duplicate(portal.mail) == (0, 0)

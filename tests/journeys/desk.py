"""Somebody who works at the desk, at a browser page: in with a passkey, as the pages for staff ask it."""

from __future__ import annotations

from accounts.models import Account
from tests.journeys.devices import Device
from tests.journeys.flow import Visit


def clock_in(desk: Visit, clerk: Account) -> Device:
    """Sign in for the first time, make a passkey at the gate, and come to the first page for staff."""
    desk.go("/staff/")
    desk.sign_in(clerk.sign_in_name)
    desk.at("Protect your account", "protect, staff")
    device = Device(desk.page)
    desk.go("/settings/security/passkey/")
    device.touch()
    desk.press("Create a passkey")
    desk.at_home()
    desk.go("/staff/")
    desk.at("For staff", "staff, first page")
    return device


def clock_out(desk: Visit, device: Device) -> None:
    """Sign out, and take the device along, which would sign in whoever comes next."""
    device.put_away()
    desk.sign_out()

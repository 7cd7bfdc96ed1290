"""**Setup** and **Staff list**: who works at a practice, who is invited, and whose options two managers reset."""

from __future__ import annotations

from django.urls import reverse

from practices.models import Practice
from tests import people
from tests.journeys import cast
from tests.journeys.scenes.stage import Stage, sent, shows
from tests.staff.kit import a_manager, at_work
from tests.staff.test_staff_list_member import member_of, with_email

SAM = {"first_name": "Sam", "last_name": "Pine", "role": "front_desk"}


def invites(desk: people.Browser) -> None:
    desk.post("/staff/staff-list/invite/", {**SAM, "email": cast.new_address("sam")})


@shows(
    "staff:setup", "staff:staff_list", "staff:staff_invite", "staff:staff_invite_revoke", "staff:member",
    "staff:member_password", "staff:member_role", "staff:member_deactivate", "staff:member_activate",
    "staff:member_options",
)  # fmt: skip
def looks_after_the_staff(practice: Practice) -> Stage:
    manager = with_email(a_manager(practice), practice, "Morgan", "Lee")
    with_email(a_manager(practice, "second"), practice, "Olga", "Marsh")
    dana = member_of(with_email(people.front_desk(practice, "dana"), practice))
    left = member_of(with_email(people.front_desk(practice, "left"), practice, "Lena", "Hart"))
    type(left).objects.filter(pk=left.pk).update(active=False)
    desk, _key = at_work(manager, practice)
    invites(desk)
    invited = practice.staff_invitations.get()
    ends = ("", "_password", "_role", "_deactivate", "_options")
    paths = {f"staff:member{end}": reverse(f"staff:member{end}", args=[dana.pk]) for end in ends}
    paths["staff:member_activate"] = reverse("staff:member_activate", args=[left.pk])
    paths["staff:staff_invite_revoke"] = reverse("staff:staff_invite_revoke", args=[invited.pk])
    return Stage(desk, paths)


@shows("staff:options_approve", "staff:member")
def is_the_second_manager(practice: Practice) -> Stage:
    first = with_email(a_manager(practice, "first"), practice, "Morgan", "Lee")
    second = with_email(a_manager(practice, "second"), practice, "Olga", "Marsh")
    dana = with_email(people.front_desk(practice, "dana"), practice)
    people.an_option(dana)
    asks, _key = at_work(first, practice)
    page = reverse("staff:member_options", args=[member_of(dana).pk])
    assert asks.post(page, {"reason": "lost"}).status_code == 302
    approves, _key = at_work(second, practice)
    names = ("staff:options_approve", "staff:member")
    return Stage(approves, {name: reverse(name, args=[member_of(dana).pk]) for name in names})


@shows("join_staff")
def joins_the_staff(practice: Practice) -> Stage:
    desk, _key = at_work(with_email(a_manager(practice), practice, "Morgan", "Lee"), practice)
    invites(desk)
    browser = people.Browser(practice)
    browser.get(sent("staff_invitation", "link", practice))
    return Stage(browser)


@shows("not_my_options")
def stops_the_reset_of_their_options(practice: Practice) -> Stage:
    is_the_second_manager(practice)
    browser = people.Browser(practice)
    browser.get(sent("options_reset", "not_me", practice))
    return Stage(browser)

"""What the desk does about codes and letters (docs/flows.md H)."""

from __future__ import annotations

from django.urls import reverse

from enrollment import letter_runs
from enrollment.letter_run import LetterRun
from practices.models import Practice
from tests import people
from tests.journeys.scenes.stage import Stage, an_owner, shows, somebody
from tests.staff.kit import at_work

HOME = [{"lines": ["12 Elm Street", "Apt 3"], "city": "Albany", "state": "NY", "postal_code": "12207", "country": "US"}]


@shows("staff:issue_token", "staff:letter", "staff:email_code", "staff:revoke_code", "staff:unlock_code")
def mails_a_letter(practice: Practice) -> Stage:
    chart = people.a_chart(practice, somebody(), addresses=HOME)
    desk, _key = at_work(people.front_desk(practice), practice)
    desk.post(reverse("staff:issue_token", args=[chart.pk]), {"handover": "mailed", "reason": "offered"})
    code = chart.codes.get().pk
    paths = {
        f"staff:{one}": reverse(f"staff:{one}", args=[chart.pk]) for one in ("issue_token", "letter", "email_code")
    }
    codes = {f"staff:{one}": reverse(f"staff:{one}", args=[code]) for one in ("revoke_code", "unlock_code")}
    return Stage(desk, paths | codes)


@shows("staff:reset_token", "staff:token_made")
def prints_a_reset_token(practice: Practice) -> Stage:
    chart = people.a_chart(practice, somebody())
    an_owner(practice, token=people.a_token(chart))
    desk, _key = at_work(people.front_desk(practice), practice)
    page = reverse("staff:reset_token", args=[chart.pk])
    desk.post(page, {"id_seen": "passport", "reason": "no_email"})
    return Stage(desk, {"staff:reset_token": page, "staff:token_made": reverse("staff:token_made", args=[chart.pk])})


@shows("staff:letters", "staff:letters_run", "staff:letters_pages", "staff:letters_revoke")
def makes_many_letters(practice: Practice) -> Stage:
    for _ in range(2):
        people.a_chart(practice, people.someone_like(somebody(), email=""), addresses=HOME)
    desk, _key = at_work(people.front_desk(practice), practice)
    desk.post(reverse("staff:letters"), {"whom": "no_email", "reason": "offered"})
    run = LetterRun.objects.get(practice=practice).pk
    letter_runs.run(run)
    routes = ("letters_run", "letters_pages", "letters_revoke")
    return Stage(desk, {f"staff:{one}": reverse(f"staff:{one}", args=[run]) for one in routes})

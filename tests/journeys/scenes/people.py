"""Pages of people who care for others (docs/flows.md I), and of results."""

from __future__ import annotations

from datetime import timedelta

from django.urls import reverse
from django.utils import timezone

from accounts import rights
from accounts.models import AccessLevel, AccessState, EndReason, PatientAccess, Relationship
from enrollment import naming
from enrollment.growing import Growing
from enrollment.models import CodeKind, Handover
from enrollment.named_proxy import NamedBy
from practices.models import Practice
from tests import people
from tests.enrollment import carers
from tests.enrollment.by_email import Mailbox, an_activation_code
from tests.enrollment.people_kit import a_claim, an_access, named, who
from tests.journeys.scenes.stage import Stage, an_owner, sent, shows, signed_in, somebody
from tests.results import kit
from tests.staff.kit import a_manager, at_work


@shows("results", "result", "result_trend")
def has_years_of_results(practice: Practice) -> Stage:
    account = an_owner(practice)
    [*_before, newest] = kit.years_of(kit.chart_of(account))
    paths = {"result": reverse("result", args=[newest.pk]), "result_trend": reverse("result_trend", args=["4548-4"])}
    return Stage(signed_in(practice, account), paths)


@shows("home", "results")
def has_no_results_yet(practice: Practice) -> Stage:
    return Stage(signed_in(practice, an_owner(practice)))


@shows("home", "results")
def cares_for_a_teenager_and_lost_another_record(practice: Practice) -> Stage:
    """And waits for the practice to approve of a third."""
    born = rights.birthday(timezone.localdate(), -14)
    hers = an_access(people.a_chart(practice, people.someone_like(people.A_CHILD, born=born)))
    over, opened = timezone.now(), hers.opened_at
    ended = {"state": AccessState.ENDED, "ended_because": EndReason.BY_PATIENT, "ended_at": over, "opened_at": opened}
    for changes in (ended, {"state": AccessState.APPROVAL, "opened_at": None}):
        PatientAccess.objects.create(
            account=hers.account,
            practice=practice,
            record=people.a_chart(practice, people.BEN),
            relationship="caregiver",
            **changes,
        )
    return Stage(signed_in(practice, hers.account))


PEOPLE = ("people_with_access", "invite_someone", "end_access", "cancel_invitation", "invite_again")


@shows(*PEOPLE)
def lets_somebody_see_the_record(practice: Practice) -> Stage:
    account = an_owner(practice)
    chart = kit.chart_of(account)
    hers = an_access(chart)
    an_access(chart, people.A_STRANGER, state=AccessState.APPROVAL, opened_at=None)
    invited, over = named(chart, people.ANNA), named(chart, people.BEN)
    for proxy in (invited, over):
        naming.invite(proxy=proxy, by=account)
    over.codes.update(expires_at=timezone.now())
    paths = {"end_access": hers.pk, "cancel_invitation": invited.pk, "invite_again": over.pk}
    return Stage(signed_in(practice, account), {name: reverse(name, args=[pk]) for name, pk in paths.items()})


@shows("end_access")
def refuses_a_claim(practice: Practice) -> Stage:
    account = an_owner(practice)
    claim = an_access(kit.chart_of(account), state=AccessState.APPROVAL, opened_at=None)
    return Stage(signed_in(practice, account), {"end_access": reverse("end_access", args=[claim.pk])})


@shows("people_with_access", "give_up_access")
def acts_for_a_patient(practice: Practice) -> Stage:
    hers = an_access(
        people.a_chart(practice, somebody()), level=AccessLevel.FULL, ends_on=timezone.localdate() + timedelta(30)
    )
    return Stage(signed_in(practice, hers.account), {"give_up_access": reverse("give_up_access", args=[hers.pk])})


@shows("not_my_proxy")
def opened_a_link_about_a_proxy_that_does_not_work(practice: Practice) -> Stage:
    return Stage(people.Browser(practice))


@shows("not_my_proxy")
def was_told_of_an_invitation(practice: Practice) -> Stage:
    account = an_owner(practice)
    naming.name(chart=kit.chart_of(account), who=who(), source=NamedBy.PATIENT, by=account)
    browser = people.Browser(practice)
    browser.get(sent("proxy_named", "not_me", practice))
    return Stage(browser)


@shows("enroll_account", "enroll_carer")
def cares_for_the_patient(practice: Practice) -> Stage:
    browser = people.Browser(practice)
    browser.type_token(people.a_token_for(practice, somebody()))
    browser.post("/enroll/account/", {"whose": "other", "account": "new"})
    return Stage(browser)


@shows("enroll_approval", "home")
def waits_for_approval(practice: Practice) -> Stage:
    browser = people.Browser(practice)
    carers.enroll(browser, people.a_token_for(practice, somebody()), carers.typed(people.ANNA, "caregiver"))
    return Stage(browser)


@shows("enroll_invited_to_care")
def was_invited_to_care(practice: Practice) -> Stage:
    proxy = named(people.a_chart(practice, somebody()))
    letter = carers.a_code_for(proxy, CodeKind.INVITATION, Handover.EMAILED)
    browser = people.Browser(practice)
    browser.get(f"/invited-to-care/{letter.number}/")
    return Stage(browser)


@shows("link_code_whose", "link_code_carer")
def links_the_code_of_a_child(practice: Practice) -> Stage:
    browser = Mailbox(practice)
    browser.sign_in(an_owner(practice).sign_in_name)
    browser.link(an_activation_code(people.a_chart(practice, people.A_CHILD)), "other")
    return Stage(browser)


NAMED = ("staff:proxy", "staff:proxy_token", "staff:proxy_withdraw")


@shows("staff:claims", "staff:growing", "staff:results", "staff:name_proxy", "staff:end_access", *NAMED)
def names_a_proxy(practice: Practice) -> Stage:
    chart = people.a_chart(practice, somebody())
    hers, proxy = an_access(chart), named(chart)
    desk, _key = at_work(a_manager(practice), practice)
    places = {"staff:name_proxy": chart.pk, "staff:end_access": hers.pk, **dict.fromkeys(NAMED, proxy.pk)}
    return Stage(desk, {name: reverse(name, args=[place]) for name, place in places.items()})


@shows("staff:chart", "staff:lift_access", "staff:end_access")
def lifts_the_stop_of_an_access(practice: Practice) -> Stage:
    chart = people.a_chart(practice, somebody())
    hers = an_access(chart, state=AccessState.SUSPENDED)
    own = an_access(chart, people.MARIA, state=AccessState.SUSPENDED, relationship=Relationship.SELF)
    desk, _key = at_work(a_manager(practice), practice)
    places = {"staff:chart": chart.pk, "staff:lift_access": hers.pk, "staff:end_access": own.pk}
    return Stage(desk, {name: reverse(name, args=[place]) for name, place in places.items()})


@shows("staff:growing")
def looks_after_who_grows_up(practice: Practice) -> Stage:
    for given, said in (("Lily", "flagged_at"), ("Mateo", "flagged_at"), ("Rose", "uninvited_at")):
        chart = people.a_chart(practice, people.someone_like(people.A_CHILD, given=given))
        Growing.objects.create(record=chart, practice=practice, teen_at=timezone.now(), **{said: timezone.now()})
    desk, _key = at_work(people.front_desk(practice, f"desk-{practice.pk}"), practice)
    return Stage(desk)


@shows("staff:chart", "staff:proxy_token_made", "staff:claims", "staff:claim_approve", "staff:claim_decline")
def decides_about_people(practice: Practice) -> Stage:
    chart = people.a_chart(practice, somebody())
    proxy = named(chart)
    an_access(chart, people.HER_FATHER, state=AccessState.ENDED, ended_because=EndReason.BY_PATIENT)
    claim = a_claim(chart)
    desk, _key = at_work(a_manager(practice), practice)
    desk.post(reverse("staff:proxy_token", args=[proxy.pk]), {"id_seen": "passport"})
    places = {
        "staff:chart": chart.pk, "staff:proxy_token_made": proxy.pk,
        "staff:claim_approve": claim.pk, "staff:claim_decline": claim.pk,
    }  # fmt: skip
    return Stage(desk, {name: reverse(name, args=[place]) for name, place in places.items()})

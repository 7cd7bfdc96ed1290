"""**Readiness**: what is missing before a practice goes live, and which choices are weaker than they need be."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, NamedTuple

from django.conf import settings
from django.utils.translation import gettext_lazy as _

from agreements.models import ConsentText, Kind, TermsVersion
from agreements.words import language_named
from notifications.channels import can_send
from notifications.models import Channel
from pages import brand
from practices.choices import CodeWhen, RecordProof, StaffRole

if TYPE_CHECKING:
    from collections.abc import Iterator

    from django_stubs_ext import StrOrPromise

    from practices.models import Practice

SEEN = 3.0  # WCAG 2.2, 1.4.11: what a colour needs against white to be seen as a button
FEWEST_MANAGERS = 2  # docs/flows.md H
FEWEST_DIGITS = 7


class Weight(StrEnum):
    """MISSING: not to go live without. WEAK: the practice may choose so; the page says what it opens."""

    MISSING = "missing"
    WEAK = "weak"


class Finding(NamedTuple):
    """What is wrong, in words, and where it is mended: a section of the settings, or a route; "" by who runs it."""

    weight: Weight
    words: StrOrPromise
    route: str = ""
    section: str = ""


@dataclass(frozen=True)
class Facts:
    """All that the checks look at."""

    practice: Practice
    languages_of: dict[str, set[str]]  # of the newest terms, privacy policy and consent forms, by their names
    managers: int
    managers_without_email: int
    patients: bool
    texts: bool
    from_email: str
    is_demo: bool
    is_https: bool


def facts(practice: Practice) -> Facts:
    """Read them."""
    managers = practice.staff.filter(active=True, role=StaffRole.MANAGER, account__is_active=True)
    return Facts(
        practice=practice,
        languages_of={**_terms(practice), **_consents(practice)},
        managers=managers.count(),
        managers_without_email=managers.filter(account__email_verified_at=None).count(),
        patients=practice.patients.exists(),
        texts=can_send(Channel.SMS),
        from_email=settings.DEFAULT_FROM_EMAIL,
        is_demo=settings.DEMO,
        is_https=settings.PORTAL_SCHEME == "https",
    )


def findings(known: Facts) -> list[Finding]:
    """All that is wrong, what is missing first."""
    found = [*_words(known), *_help_line(known), *_people(known), *_installation(known), *_choices(known)]
    return sorted(found, key=lambda one: one.weight is not Weight.MISSING)


def _words(known: Facts) -> Iterator[Finding]:
    for name, languages in known.languages_of.items():
        is_terms = name in {str(Kind.TERMS.label), str(Kind.PRIVACY.label)}
        route = "staff:terms" if is_terms else "staff:consents"
        if not languages:
            yield Finding(Weight.MISSING, _("Not published yet: %(text)s") % {"text": name}, route)
            continue
        for language in known.practice.languages:
            if language not in languages:
                said = {"text": name, "language": language_named(language)}
                yield Finding(Weight.MISSING, _("There is no text in %(language)s of: %(text)s") % said, route)
    if brand.contrast(brand.parse(known.practice.colour), brand.WHITE) < SEEN:
        words = _(
            "Your color is too light to be seen on white: buttons and links get a darker one. Choose a darker one."
        )
        yield Finding(Weight.MISSING, words, section="brand")


def _help_line(known: Facts) -> Iterator[Finding]:
    practice = known.practice
    if sum(letter.isdigit() for letter in practice.phone) < FEWEST_DIGITS or not practice.email:
        yield Finding(Weight.MISSING, _("The help line needs a phone and an email."), section="help-line")
    if not practice.hours:
        yield Finding(Weight.WEAK, _("Nobody can tell when the help line answers."), section="help-line")


def _people(known: Facts) -> Iterator[Finding]:
    if known.managers < FEWEST_MANAGERS:
        words = _(
            "There are not two managers: what needs two of them cannot be done, and one who is away keeps all waiting."
        )
        yield Finding(Weight.MISSING, words, "staff:staff_list")
    if known.managers_without_email:
        words = _("A manager has no verified email: no reset link and no warning reaches them.")
        yield Finding(Weight.WEAK, words, "staff:staff_list")
    if not known.patients:
        yield Finding(Weight.MISSING, _("There are no patients yet."), "staff:roster")


def _installation(known: Facts) -> Iterator[Finding]:
    if known.is_demo:
        yield Finding(Weight.WEAK, _("This is a demo: messages are kept here, and reach nobody."))
        return
    if known.from_email.rpartition("@")[2].count(".") == 0:
        yield Finding(Weight.MISSING, _("The sender of emails is not set (EMAIL_FROM): they would be taken for junk."))
    if not known.is_https:
        yield Finding(Weight.MISSING, _("The portal's address does not begin with https."))
    if not known.texts:
        words = _("No sender of texts and calls is set: codes go by email, and records open at the desk only.")
        yield Finding(Weight.MISSING, words)


def _choices(known: Facts) -> Iterator[Finding]:
    chosen = known.practice.settings
    weaker = (
        (
            chosen.proof == RecordProof.CODE_AND_CHECK,
            "proof",
            _("A stolen mailbox and a date of birth open a record: an activation code needs no phone on file."),
        ),
        (chosen.work_phone_proves, "proof", _("Whoever answers a work phone can open the record of its owner.")),
        (chosen.reset_wait_hours == 0, "proof", _("An account that is reset is closed at once: nobody can object.")),
        (
            chosen.code_when == CodeWhen.NEW_DEVICES,
            "sign-in",
            _("A browser that was trusted once opens the record with the password alone."),
        ),
        (
            chosen.code_when == CodeWhen.RESET_ONLY,
            "sign-in",
            _("Whoever knows a password opens the record: no code is asked."),
        ),
        (not chosen.option_required, "sign-in", _("Who sets up no security option is protected by a password alone.")),
    )
    for is_chosen, section, words in weaker:
        if is_chosen:
            yield Finding(Weight.WEAK, words, section=section)


def _terms(practice: Practice) -> dict[str, set[str]]:
    newest = TermsVersion.objects.filter(practice=practice).order_by("kind", "-version").distinct("kind")
    versions = dict(newest.values_list("kind", "version"))
    texts = TermsVersion.objects.filter(practice=practice).values_list("kind", "version", "language")
    found: dict[str, set[str]] = {str(kind.label): set() for kind in Kind}
    for kind, version, language in texts:
        if versions[kind] == version:
            found[str(Kind(kind).label)].add(language)
    return found


def _consents(practice: Practice) -> dict[str, set[str]]:
    """Of the forms that are asked now, the newest published version of each: its languages, by its title."""
    texts = ConsentText.objects.filter(
        version__form__practice=practice, version__form__retired_at=None, version__published_at__isnull=False
    ).select_related("version")
    newest: dict[int, list[ConsentText]] = {}
    for text in texts.order_by("version__number"):
        kept = newest.setdefault(text.version.form_id, [])
        if kept and kept[0].version_id != text.version_id:
            kept.clear()
        kept.append(text)
    return {
        next((one.title for one in kept if one.language == practice.language), kept[0].title): {
            one.language for one in kept
        }
        for kept in newest.values()
    }

"""The forms of the desk about people who act for a patient."""

from __future__ import annotations

from django import forms
from django.db import models
from django.utils.translation import gettext_lazy as _

from enrollment.forms_people import LevelForm, PersonForm
from enrollment.models import IdSeen
from pages.fields import RadioField


class NamingReason(models.TextChoices):
    """Why somebody is named, as the trail keeps it."""

    ASKED = "asked", _("The patient asked for it")
    PARENT = "parent", _("A parent or guardian of a patient who is not of age")
    DOCUMENT = "document", _("They showed a document, such as a power of attorney")


class EndingReason(models.TextChoices):
    """Why an access is ended, somebody is withdrawn, or a claim is declined."""

    ASKED = "asked", _("The patient asked for it")
    THEY_ASKED = "they_asked", _("The person themselves asked for it")
    NO_RIGHT = "no_right", _("The person has no right to it, or no longer")
    UNKNOWN = "unknown", _("Nobody here could tell who the person is")
    MISTAKE = "mistake", _("It was a mistake")


class NameProxyForm(PersonForm):
    """**Name a proxy**."""

    reason = RadioField(label=_("Why are they named?"), choices=NamingReason.choices)
    field_order: tuple[str, ...] = (*PersonForm.field_order, "reason")


class EndForm(forms.Form):
    """**End access**, **Withdraw**, **Decline**."""

    reason = RadioField(label=_("Why?"), choices=EndingReason.choices)


class LiftingReason(models.TextChoices):
    """Why the stop of an access is lifted, as the trail keeps it."""

    MISTAKE = "mistake", _("“This wasn't me” was pressed by mistake")
    NO_SAY = "no_say", _("Somebody pressed it who has no say about this access")
    CLEARED = "cleared", _("The patient, or who speaks for them, looked at it with us and agrees")


class IdForm(forms.Form):
    """Which ID the person showed who gets a token."""

    id_seen = RadioField(label=_("Which ID did you see?"), choices=IdSeen.choices)


class LiftStopForm(IdForm):
    """**Lift the stop** of an access."""

    reason = RadioField(label=_("What happened?"), choices=LiftingReason.choices)


class ApproveForm(LevelForm, IdForm):
    """**Approve** a claim: what was seen, and what the person gets."""

    field_order: tuple[str, ...] = ("id_seen", "level", "last_day")

"""The sections of **Portal settings**, in the order of the page, by the last part of their address."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.http import Http404
from django.utils.translation import gettext as _

from practices import changing
from staff.setup.forms import BrandForm, HelpLineForm, SendersForm, SettingsForm, WordsForm
from staff.setup.forms_rules import AgesForm, CodesForm, ProofForm, SignInForm

if TYPE_CHECKING:
    from practices.models import Practice

SECTIONS: dict[str, type[SettingsForm]] = {
    "brand": BrandForm,
    "help-line": HelpLineForm,
    "words": WordsForm,
    "sign-in": SignInForm,
    "proof": ProofForm,
    "codes": CodesForm,
    "ages": AgesForm,
    "senders": SendersForm,
}


def find(slug: str) -> type[SettingsForm]:
    """Raises Http404."""
    if slug not in SECTIONS:
        raise Http404
    return SECTIONS[slug]


def initial(form: type[SettingsForm], practice: Practice) -> dict[str, Any]:
    """What the fields of a section are now."""
    found = {name: changing.value(practice, name) for name in form.base_fields if name != "first_language"}
    return {**found, "first_language": practice.language} if "first_language" in form.base_fields else found


def label(name: str) -> Any:  # noqa: ANN401 - text, in time
    """What a setting is called on its page."""
    return next(form.base_fields[name].label for form in SECTIONS.values() if name in form.base_fields)


def shown(name: str, value: Any) -> str:  # noqa: ANN401 - of whichever setting
    """A value in words: its choices by their labels, yes or no, "–" for none."""
    field = next(form.base_fields[name] for form in SECTIONS.values() if name in form.base_fields)
    labels = {str(key): str(words) for key, words in getattr(field, "choices", ())}
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    if isinstance(value, list):
        return ", ".join(labels.get(str(one), str(one)) for one in value)
    return "–" if value in {None, ""} else labels.get(str(value), str(value))

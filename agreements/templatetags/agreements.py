"""Template tags of the texts: {% load agreements %}."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django import template
from django.utils.formats import date_format
from django.utils.timezone import localtime
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from agreements.models import Decision
from agreements.terms import is_in_language
from agreements.text import as_html
from agreements.words import in_language, language_named

if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any

    from django.utils.safestring import SafeString

    from agreements.consents import Ask
    from agreements.models import ConsentText, Question, TermsVersion

register = template.Library()
register.filter("language_named", language_named)


@register.filter
def prose(text: TermsVersion | ConsentText | None, heading: int | str) -> SafeString:
    """Render a text as HTML, its headings at the level given (3 where a page shows two texts)."""
    return as_html(text.body if text else "", heading=int(heading))


@register.filter
def only_language(text: TermsVersion | ConsentText | None) -> str:
    """Name the text's language where it is not the page's, in words of the page; else ""."""
    if text is None or is_in_language(text, get_language() or ""):
        return ""
    return language_named(text.language)


@register.filter
def why_asked(row: Mapping[str, Any]) -> str:
    """What a list says under a form: for whom, why now, and whether it has to be."""
    ask, patient = row["ask"], row["patient"]
    parts = [_("for %(name)s") % {"name": patient}] if patient else []
    if ask.said is not None and ask.said.number < ask.asked.since:
        parts.append(_("new version"))
    return " · ".join([*parts, _("required") if ask.asked.required else _("your choice")])


@register.filter
def stands(ask: Ask) -> str:
    """Where a form stands, in a sentence."""
    if ask.said is None:
        return _("Not answered yet")
    said = {"day": date_format(localtime(ask.said.at), "DATE_FORMAT")}
    words = {
        Decision.GIVEN: _("Agreed on %(day)s"),
        Decision.DECLINED: _("Not agreed, on %(day)s"),
        Decision.WITHDRAWN: _("Withdrawn on %(day)s"),
    }[Decision(ask.said.decision)] % said
    return f"{words} · {_('asked again now')}" if ask.is_due else words


@register.filter
def first_label(question: Question) -> str:
    """A question in the language of the page, or the first that it has words in."""
    here = in_language(question, (get_language() or "").partition("-")[0])["label"]
    return str(here or next((words["label"] for words in question.words.values()), ""))


@register.filter
def answered(one: Mapping[str, str]) -> str:
    """An answer as people say it."""
    return {"yes": _("Yes"), "no": _("No"), "": _("No answer")}.get(one["answer"], one["answer"])

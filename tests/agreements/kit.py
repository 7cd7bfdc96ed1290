"""Consent forms of the tests: made, published once more, and answered the way a person does."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from accounts import agreed
from accounts.models import Account, PatientAccess
from agreements import answering, drafts
from agreements.models import ConsentAnswer, ConsentText, ConsentVersion, Governs, QuestionKind
from tests.people import a_request

if TYPE_CHECKING:
    from agreements.consents import Standing
    from practices.models import PatientRecord, Practice
    from tests.people import Browser

TITLE = "Portal Consent"
SAID = [{"kind": "acknowledge", "label": "I agree.", "answer": "yes"}]
BODY = "# What you agree to\nYou see your record.\n- Free\n"
TICK = {"kind": QuestionKind.ACKNOWLEDGE, "required": True, "words": {"en": {"label": "I agree."}}}
EVERY_KIND: tuple[dict[str, Any], ...] = (
    TICK,
    {"kind": QuestionKind.YES_NO, "required": True, "words": {"en": {"label": "Interpreter?"}}},
    {
        "kind": QuestionKind.CHOICE,
        "required": True,
        "words": {"en": {"label": "How?", "choices": ["By video", "By phone"]}},
    },
    {"kind": QuestionKind.TEXT, "required": False, "words": {"en": {"label": "Anything else?"}}},
    {"kind": QuestionKind.SIGNATURE, "required": True, "words": {"en": {"label": "Your full name"}}},
)


def a_form(
    practice: Practice,
    *,
    title: str = TITLE,
    body: str = BODY,
    questions: tuple[dict[str, Any], ...] = (TICK,),
    governs: Governs = Governs.NOTHING,
    spanish: str = "",
    **settings: Any,
) -> ConsentVersion:
    """A published form, required unless told otherwise; `spanish` is the title of a Spanish text, "" for none."""
    draft = drafts.begin_form(practice=practice, title=title, governs=governs)
    ConsentText.objects.filter(version=draft).update(body=body)
    if spanish:
        ConsentText.objects.create(
            version=draft, language="es", title=spanish, body="# Lo que acepta\nVe su expediente.\n"
        )
    for one in questions:
        words = {**one["words"], **({"es": {**one["words"]["en"], "label": "Acepto."}} if spanish else {})}
        drafts.add_question(draft, kind=one["kind"], required=one["required"], words=words)
    return _published(draft, {"required": True, **settings})


def next_version(version: ConsentVersion, *, body: str = "", **settings: Any) -> ConsentVersion:
    """The same form once more, with another body."""
    draft = drafts.begin(version.form)
    if body:
        ConsentText.objects.filter(version=draft, language="en").update(body=body)
    return _published(draft, settings)


def _published(draft: ConsentVersion, settings: dict[str, Any]) -> ConsentVersion:
    for name, value in settings.items():
        setattr(draft, name, value)
    draft.save()
    return drafts.publish(draft=draft, by=None)


def standing(account: Account, practice: Practice) -> Standing:
    """As a page finds it, for the first time in its request."""
    request = a_request(practice)
    request.user = account
    return agreed.standing(request)


def the_text(version: ConsentVersion, language: str = "en") -> ConsentText:
    return version.texts.select_related("version").get(language=language)


def agree(account: Account, practice: Practice, version: ConsentVersion, language: str = "en") -> ConsentAnswer:
    ask = standing(account, practice).asks[-1]
    return answering.agree(
        account=account, ask=ask, text=the_text(version, language), answers=SAID, request=a_request(practice)
    )


def say_no(action: Any, account: Account, practice: Practice, version: ConsentVersion) -> ConsentAnswer:
    """`action`: answering.decline or answering.withdraw."""
    ask = standing(account, practice).asks[-1]
    made: ConsentAnswer = action(account=account, ask=ask, text=the_text(version), request=a_request(practice))
    return made


def record_of(account: Account) -> PatientRecord:
    """The one record that the account holds."""
    return PatientAccess.objects.select_related("record").get(account=account).record


def form_page(browser: Browser, title: str = TITLE) -> str:
    """The address of the first form of this title on the list."""
    html = browser.get("/agreements/").content.decode()
    found = re.search(rf'href="(/agreements/form/[^"]+)"(?:(?!</a>).)*{title}', html, re.DOTALL)
    assert found, html
    return found[1]


def typed(page: Any, **by_kind: str) -> dict[str, str]:
    """A form as somebody fills it in: each question by its kind, "" leaves it out."""
    right = {"acknowledge": "on", "yes_no": "no", "choice": "1", "text": "", "signature": "Maria Santos", **by_kind}
    form = page.context["form"]
    answers = {name: right[str(question.kind)] for name, (question, _words) in form.asked.items()}
    return {"shown": str(form.initial["shown"]), **{name: value for name, value in answers.items() if value}}


def submit(browser: Browser, title: str = TITLE, **by_kind: str) -> Any:
    """Open a form from the list, answer it, **Submit**."""
    address = form_page(browser, title)
    return browser.post(address, typed(browser.get(address), **by_kind))

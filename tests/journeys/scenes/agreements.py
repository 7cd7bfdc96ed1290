"""Pages of terms and consent forms (flow E)."""

from __future__ import annotations

import re

from agreements import terms
from agreements.sample_texts import samples
from practices.models import Practice
from tests.agreements.kit import EVERY_KIND, a_form, form_page, submit
from tests.journeys.scenes.stage import Stage, an_owner, shows, signed_in

OURS = "/settings/agreements/"


@shows("agreements_due", "consent", "agreements_refused", "my_agreements")
def has_forms_to_answer(practice: Practice) -> Stage:
    browser = signed_in(practice, an_owner(practice))
    a_form(practice, questions=EVERY_KIND, spanish="Consentimiento")
    return Stage(browser, {"consent": form_page(browser)})


@shows("my_agreements", "my_agreement", "my_terms", "consent_withdraw")
def has_answered(practice: Practice) -> Stage:
    browser = signed_in(practice, an_owner(practice))
    a_form(practice, required=False, spanish="Consentimiento")
    submit(browser)
    page = browser.get(OURS).content.decode()
    found = {
        "my_agreement": re.search(rf'"({OURS}\d+/)"', page),
        "my_terms": re.search(rf'"({OURS}terms/\d+/)"', page),
        "consent_withdraw": re.search(rf'"({OURS}form/[^"]+/withdraw/)"', page),
    }
    return Stage(browser, {name: match[1] for name, match in found.items() if match})


@shows("terms_again")
def has_new_terms_to_accept(practice: Practice) -> Stage:
    browser = signed_in(practice, an_owner(practice))
    for kind, texts in samples(practice).items():
        terms.publish(
            practice=practice, kind=kind, texts={word: f"{text}\nMore.\n" for word, text in texts.items()}, by=None
        )
    return Stage(browser)

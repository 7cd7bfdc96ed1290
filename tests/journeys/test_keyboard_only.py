"""Flow A with nothing but Tab, Enter, Space and letters."""

from __future__ import annotations

from playwright.sync_api import Locator, Page, expect

from practices.models import Practice
from tests.journeys import cast
from tests.journeys.flow import Visit

MOST_TABS = 40
IS_FOCUSED = "one => one === document.activeElement"
# Radio buttons and boxes are drawn by the style sheet before their label, and so is their ring.
SHOWS_FOCUS = """one => {
  const ring = (of, part) => {
    const style = getComputedStyle(of, part);
    return (style.outlineStyle !== "none" && parseFloat(style.outlineWidth) > 0) || style.boxShadow !== "none";
  };
  const label = one.labels?.[0];
  return ring(one) || Boolean(label) && (ring(label) || ring(label, "::before"));
}"""


def tab_to(page: Page, wanted: Locator) -> None:
    for _ in range(MOST_TABS):
        page.keyboard.press("Tab")
        if wanted.evaluate(IS_FOCUSED):
            assert wanted.evaluate(SHOWS_FOCUS), f"no focus ring on {wanted}"
            return
    raise AssertionError(f"Tab never comes to {wanted}")


class Keys(Visit):
    """A visit that presses keys only."""

    def press(self, label: str) -> None:
        tab_to(self.page, self.page.get_by_role("button", name=label, exact=True))
        self.page.keyboard.press("Enter")

    def follow(self, label: str) -> None:
        tab_to(self.page, self.page.get_by_role("link", name=label).first)
        self.page.keyboard.press("Enter")

    def type(self, label: str, text: str) -> None:
        tab_to(self.page, self.page.get_by_label(label, exact=True))
        self.page.keyboard.type(text)


def test_flow_a_by_keyboard(practice: Practice, page: Page) -> None:
    mia = cast.patient(practice)
    visit = Keys(page, practice)
    visit.come_to_token()

    visit.press("Next")
    summary = page.locator("[data-error-summary]")
    expect(summary).to_be_focused()
    assert summary.evaluate(SHOWS_FOCUS)
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")  # the first line leads to the first field
    expect(page.get_by_label("Token number")).to_be_focused()
    page.keyboard.type(mia.token)
    visit.type("Date of birth", mia.birth_date)
    visit.type("Last name", mia.last_name)
    box = page.get_by_label("I do not wish to provide an email address")
    tab_to(page, box)
    page.keyboard.press("Space")
    expect(page.get_by_label("Email address", exact=True)).to_be_hidden()
    page.keyboard.press("Space")
    page.keyboard.press("Shift+Tab")
    expect(page.get_by_label("Email address", exact=True)).to_be_focused()
    page.keyboard.type(mia.email)
    page.keyboard.press("Enter")

    visit.at("Account options", "account")
    tab_to(page, page.get_by_role("radio", name="Create a new account"))
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowUp")
    expect(page.get_by_role("radio", name="Create a new account")).to_be_checked()
    visit.press("Next")
    visit.at("Account credentials", "credentials")
    visit.set_password()
    visit.at("You're enrolled", "done")
    visit.follow("Continue")
    visit.at_home()
    visit.press("Sign out")
    visit.at("You are signed out", "signed-out")


def test_skip_link_leads_past_the_header(practice: Practice, page: Page) -> None:
    visit = Keys(page, practice)
    visit.open_sign_in()
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="Skip to the main content")).to_be_focused()
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    expect(page.get_by_label("Email or username")).to_be_focused()

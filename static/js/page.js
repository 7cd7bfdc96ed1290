// The error summary, sending once, printing.

const RESEND_AFTER = 10_000; // ms: a page that did not come by then may be asked for again

/** Move the focus to the error summary, and from its lines to the fields. */
function focusSummary(page) {
  const summary = page.querySelector("[data-error-summary]");
  if (!summary) return;
  summary.focus();
  summary.addEventListener("click", (event) => {
    const field = event.target.closest("a[href^='#']")?.hash.slice(1);
    const control = field && page.getElementById(field);
    if (!control) return;
    event.preventDefault();
    (page.querySelector(`label[for="${CSS.escape(field)}"]`) ?? control).scrollIntoView();
    control.focus({ preventScroll: true });
  });
}

/** Make the page that a form was answered with one that can be gone back to: the browser would ask to send again. */
function keepBackWorking() {
  history.replaceState(history.state, "", location.href);
}

/** Let each form go once; it may go again when the page is shown again (back button) or the answer does not come. */
function sendOnce(page) {
  const buttons = (form) => form.querySelectorAll("button[type=submit]");
  const say = (form, isSent) => form.querySelectorAll("[data-sent-words]").forEach((words) => (words.hidden = !isSent));
  const free = (form) => {
    delete form.dataset.sent;
    say(form, false);
    for (const button of buttons(form)) button.removeAttribute("aria-disabled");
  };
  const forms = page.querySelectorAll("form[data-once]");
  for (const form of forms) {
    form.addEventListener("submit", (event) => {
      if (form.dataset.sent) {
        event.preventDefault();
        return;
      }
      form.dataset.sent = "1";
      say(form, true);
      for (const button of buttons(form)) button.setAttribute("aria-disabled", "true");
      setTimeout(free, RESEND_AFTER, form);
    });
  }
  addEventListener("pageshow", () => forms.forEach(free));
}

/** Show the print buttons, which need a script. */
function offerPrint(page) {
  for (const button of page.querySelectorAll("[data-print]")) {
    button.hidden = false;
    button.addEventListener("click", () => print());
  }
}

keepBackWorking();
focusSummary(document);
sendOnce(document);
offerPrint(document);

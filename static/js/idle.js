// Warns before the server signs out for idleness. All tabs of one practice share when somebody was last there.

const KEY = "portal-last-seen";
const LONGEST_WARNING = 120; // s
const GRACE = 2; // s after the end, so that the server agrees that it is over

/** Start the clock where the page has the warning (it does when signed in). */
function watchIdle(page) {
  const dialog = page.querySelector("dialog[data-idle-seconds]");
  if (!dialog) return;
  const idle = Number(dialog.dataset.idleSeconds);
  const warning = Math.min(LONGEST_WARNING, idle / 2);
  const clock = new Clock();
  const look = () => {
    const left = idle - clock.quiet();
    if (left <= -GRACE) leave(dialog);
    else if (left <= warning) warn(dialog, Math.max(0, Math.ceil(left)));
    else if (dialog.open) dialog.close();
  };
  dialog.querySelector("[data-stay]").addEventListener("submit", (event) => stay(event, dialog, clock));
  dialog.addEventListener("cancel", (event) => stay(event, dialog, clock)); // Escape means: I am here
  page.addEventListener("visibilitychange", look);
  setInterval(look, 1000);
}

/** Seconds since a page was loaded or **Stay signed in** was pressed, in any tab. */
class Clock {
  constructor() {
    this.mark();
  }

  mark() {
    this.seen = Date.now();
    try {
      localStorage.setItem(KEY, String(this.seen));
    } catch {
      // storage is off: this tab counts for itself
    }
  }

  quiet() {
    let shared = 0;
    try {
      shared = Number(localStorage.getItem(KEY));
    } catch {
      // as above
    }
    return (Date.now() - Math.max(this.seen, shared)) / 1000;
  }
}

async function stay(event, dialog, clock) {
  event.preventDefault();
  const form = dialog.querySelector("[data-stay]");
  try {
    const answer = await fetch(form.action, { method: "POST", body: new FormData(form), redirect: "manual" });
    if (!answer.ok) throw new Error(String(answer.status));
    clock.mark();
    dialog.close();
  } catch {
    leave(dialog);
  }
}

function warn(dialog, left) {
  if (!dialog.open) {
    dialog.showModal();
    dialog.querySelector("[data-said]").textContent = words(dialog, left);
  }
  dialog.querySelector("[data-left]").textContent = words(dialog, left);
}

function words(dialog, left) {
  const { one, minutes, seconds } = dialog.querySelector("[data-left]").dataset;
  if (left === 60) return one;
  return left > 60 ? minutes.replace("{n}", Math.ceil(left / 60)) : seconds.replace("{n}", left);
}

/** Ends the session too: the server may allow some seconds more, and a mere look at the next page would renew it. */
function leave(dialog) {
  if (dialog.dataset.over) return;
  dialog.dataset.over = "1";
  dialog.querySelector("[data-end]").submit();
}

watchIdle(document);

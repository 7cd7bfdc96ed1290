// The page of a code: counts down, asks what became of the message, and says when another may be sent.

const ASK_EVERY = 3000; // ms
const ASK_FOR = 150_000; // ms: after that nothing new is to be expected, and the session must not be kept alive
const CHECK_AFTER = 300_000; // ms until the page says what to check

function watch(page) {
  const state = page.querySelector("[data-code-state]");
  if (!state) return;
  const begun = Date.now();
  countDown(page, state, begun);
  if (state.dataset.codeState) ask(page, state, begun);
}

/** Time left, the pause before **Send again** and **Call me instead**, and after five minutes what to check. */
function countDown(page, state, begun) {
  const forms = page.querySelectorAll("[data-send-again], [data-offer-call]");
  const look = () => {
    const gone = (Date.now() - begun) / 1000;
    const pause = Math.ceil(Number(state.dataset.pauseLeft) - gone);
    for (const form of forms) {
      const wait = form.querySelector("[data-wait]");
      wait.hidden = pause <= 0;
      wait.textContent = pause > 0 ? wait.dataset.words.replace("{n}", pause) : "";
      form.querySelector("button").toggleAttribute("disabled", pause > 0);
    }
    const left = Number(state.dataset.secondsLeft) - gone;
    const shown = state.querySelector("[data-left]");
    shown.textContent = left > 0 ? shown.dataset.words.replace("{time}", clockOf(left)) : "";
    if (left <= 0) {
      state.querySelector("[data-said]").textContent = state.querySelector("[data-over]").textContent;
      state.querySelector("[data-good-until]").hidden = true;
      if (pause <= 0) clearInterval(clock);
    }
    if (gone * 1000 > CHECK_AFTER) page.querySelector("[data-after-a-while]").hidden = false;
  };
  const clock = setInterval(look, 1000);
  look();
}

/** Seconds as "9:05". */
function clockOf(seconds) {
  const whole = Math.floor(seconds);
  return `${Math.floor(whole / 60)}:${String(whole % 60).padStart(2, "0")}`;
}

/** Ask the server how the message fares, until it is settled or there is nothing more to expect. */
async function ask(page, state, begun) {
  const said = state.querySelector("[data-said]");
  try {
    const answer = await fetch(state.dataset.codeState, { headers: { Accept: "application/json" }, redirect: "manual" });
    if (answer.ok) {
      const told = await answer.json();
      if (told.words && said.textContent !== told.words) said.textContent = told.words;
      if (told.offer_call) offerCall(page);
    }
  } catch {
    // away for a moment: asked again
  }
  if (Date.now() - begun < ASK_FOR) setTimeout(ask, ASK_EVERY, page, state, begun);
}

function offerCall(page) {
  const form = page.querySelector("[data-offer-call]");
  if (form) form.hidden = false;
}

watch(document);

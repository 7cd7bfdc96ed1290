// How far the work on the server is, without pressing anything; without this script the page is asked for again by hand.
const EVERY = 2000; // milliseconds
const CALM = 15_000; // where the server did not answer

let timer = 0;

/** Ask for the page once more, and take over its [data-progress]; where that is no longer `data-more`, it was the last. */
async function look() {
  const shown = document.querySelector("[data-progress]");
  let wait = CALM;
  try {
    const answer = await fetch(location.href);
    if (answer.ok && !answer.redirected) {
      const page = new DOMParser().parseFromString(await answer.text(), "text/html");
      const fresh = page.querySelector("[data-progress]");
      if (!fresh) return;
      const isFocused = shown.contains(document.activeElement);
      if (!isFocused || !("more" in fresh.dataset)) shown.replaceWith(document.adoptNode(fresh));
      if (!("more" in fresh.dataset)) return;
      wait = EVERY;
    }
  } catch {
    // the network is away: again in a while
  }
  timer = setTimeout(look, wait);
}

if (document.querySelector("[data-progress][data-more]")) timer = setTimeout(look, EVERY);
addEventListener("pagehide", () => clearTimeout(timer));

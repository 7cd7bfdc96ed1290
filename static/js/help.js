// Help over the page that somebody is on, and Escape for the welcome of the first time.

/** Without this, or where it fails, the link leads to a page with the same words. */
function openOver(page) {
  for (const link of page.querySelectorAll("[data-help]")) {
    link.addEventListener("click", async (event) => {
      if (event.ctrlKey || event.metaKey || event.shiftKey) return;
      event.preventDefault();
      try {
        const panel = page.querySelector("[data-help-panel]") ?? page.body.appendChild(await fetchPanel(link.href));
        panel.showModal();
      } catch {
        location.assign(link.href);
      }
    });
  }
}

/** The panel that the page of the link holds. */
async function fetchPanel(address) {
  const answer = await fetch(address);
  const found = new DOMParser().parseFromString(await answer.text(), "text/html").querySelector("[data-help-panel]");
  return document.importNode(found, true);
}

/** Escape closes the welcome as its button does, but not while another dialog lies over it. */
function closeByEscape(page) {
  const welcome = page.querySelector("[data-welcome]");
  if (!welcome) return;
  page.addEventListener("keydown", (event) => {
    if (event.key === "Escape" && !page.querySelector("dialog:modal")) welcome.querySelector("form").requestSubmit();
  });
}

openOver(document);
closeByEscape(document);

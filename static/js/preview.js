// A preview of what is typed, drawn by the server while one types: what the button Preview does, on the same page.
const WAIT = 400; // milliseconds after the last key
const button = document.querySelector("[data-preview]");
const form = button?.form;
let timer = 0;
let asked = 0;

async function show() {
  const mine = (asked += 1);
  const answer = await fetch(button.formAction, { method: "POST", body: new URLSearchParams(new FormData(form)) });
  if (!answer.ok || mine !== asked) return; // what is half typed is no colour yet
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  const fresh = page.getElementById("preview");
  if (!fresh) return;
  document.getElementById("preview").replaceWith(fresh);
  const sheet = document.getElementById("preview-colour") ?? document.createElement("link");
  sheet.id = "preview-colour";
  sheet.rel = "stylesheet";
  sheet.href = fresh.dataset.colour;
  document.head.append(sheet);
}

form?.addEventListener("input", () => {
  clearTimeout(timer);
  timer = setTimeout(() => show().catch(() => {}), WAIT);
});

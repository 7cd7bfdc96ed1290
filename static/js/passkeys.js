// Passkeys: asks the browser for one, or to make one, and sends its answer with the form that is on the page.

const RENEW_AFTER = 10 * 60_000; // ms; what is to be signed is good for 15 minutes
const LOOK_EVERY = 15_000; // ms; the time of day counts: timers stand still while a computer sleeps

/** Show the forms where the browser knows passkeys, with their buttons; the words for where it does not go. */
function offerPasskeys(page) {
  if (!window.PublicKeyCredential) return;
  for (const words of page.querySelectorAll("[data-no-passkeys]")) words.hidden = true;
  for (const form of page.querySelectorAll("form[data-passkey]")) {
    form.hidden = false;
    form.addEventListener("submit", (event) => press(event, form));
  }
  const field = page.querySelector("input[autocomplete~=username]");
  const list = page.querySelector("form[data-passkey-list]");
  if (field && list) offerInField(field, list);
}

/** The button: the browser asks for a passkey, or makes one, and the form goes with it. */
async function press(event, form) {
  if (!form.checkValidity()) return; // the server says what is missing
  event.preventDefault();
  if (form.dataset.busy) return;
  form.dataset.busy = "1";
  tell(form, "");
  waiting?.abort();
  try {
    send(form, await ceremony(form));
  } catch (error) {
    tell(form, error.name === "InvalidStateError" ? form.dataset.wordsTwice : form.dataset.wordsFailed);
    delete form.dataset.busy;
    const field = document.querySelector("input[autocomplete~=webauthn]");
    if (field && form.matches("[data-passkey-list]")) offerInField(field, form);
  }
}

let waiting; // what ends the browser's own list in the field of the name

/** Passkeys in the browser's own list of names, under the field; asked anew before the question is too old.
 *  What came to nothing (no connection, a device that said no) is asked anew once the field is gone to again. */
async function offerInField(field, form) {
  if (!(await PublicKeyCredential.isConditionalMediationAvailable?.())) return;
  if (!field.autocomplete.includes("webauthn")) field.autocomplete += " webauthn";
  waiting?.abort(); // one at a time
  const mine = (waiting = new AbortController());
  const again = () => offerInField(field, form);
  const old = Date.now() + RENEW_AFTER;
  const renew = setInterval(() => Date.now() > old && mine.abort("renew"), LOOK_EVERY);
  try {
    send(form, await ceremony(form, { mediation: "conditional", signal: mine.signal }));
  } catch {
    if (mine.signal.reason === "renew") again();
    else if (!mine.signal.aborted) field.addEventListener("focus", again, { once: true });
  }
  clearInterval(renew);
}

/** What the browser's device made or signed, in the words of WebAuthn's JSON (Level 3, 5.1). */
async function ceremony(form, how = {}) {
  const { question, questionAt, passkey } = form.dataset;
  const asked = question ? JSON.parse(question) : await fetched(questionAt);
  const publicKey = read(asked);
  const made = await navigator.credentials[passkey]({ ...how, publicKey });
  const { response } = made;
  const parts = ["clientDataJSON", "attestationObject", "authenticatorData", "signature", "userHandle"];
  const written = parts.filter((part) => response[part]?.byteLength).map((part) => [part, write(response[part])]);
  return {
    id: made.id,
    rawId: write(made.rawId),
    type: made.type,
    authenticatorAttachment: made.authenticatorAttachment,
    clientExtensionResults: made.getClientExtensionResults(),
    response: { ...Object.fromEntries(written), transports: response.getTransports?.() },
  };
}

async function fetched(address) {
  const answer = await fetch(address, { headers: { Accept: "application/json" }, redirect: "error" });
  if (!answer.ok) throw new Error(String(answer.status));
  return answer.json();
}

/** The server's question with bytes where it has base64url. */
function read(asked) {
  const named = (list) => list?.map((one) => ({ ...one, id: bytes(one.id) }));
  return {
    ...asked,
    challenge: bytes(asked.challenge),
    ...(asked.user && { user: { ...asked.user, id: bytes(asked.user.id) } }),
    ...(asked.excludeCredentials && { excludeCredentials: named(asked.excludeCredentials) }),
    ...(asked.allowCredentials && { allowCredentials: named(asked.allowCredentials) }),
  };
}

function bytes(text) {
  return Uint8Array.from(atob(text.replaceAll("-", "+").replaceAll("_", "/")), (one) => one.charCodeAt(0));
}

function write(buffer) {
  const text = btoa(String.fromCharCode(...new Uint8Array(buffer)));
  return text.replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
}

/** Say under the button what went wrong; the words are on the page. */
function tell(form, words) {
  form.querySelector("[data-said]").textContent = words;
}

function send(form, answer) {
  form.elements.answer.value = JSON.stringify(answer);
  form.submit();
}

offerPasskeys(document);
addEventListener("pageshow", (event) => {
  if (event.persisted) location.reload(); // gone back to: its question was answered
});

// Fields that hide, show and tell.

/** A ticked box hides and empties the field it names in data-hides; unticked, the field has what it had. */
function hideFields(page) {
  for (const box of page.querySelectorAll("[data-hides]")) {
    const field = page.getElementById(box.dataset.hides);
    const group = field?.closest(".usa-form-group");
    if (!group) continue;
    let kept = field.value;
    const update = () => {
      if (box.checked) {
        kept = field.value || kept;
        field.value = "";
      } else {
        field.value = field.value || kept;
      }
      group.hidden = box.checked;
    };
    box.addEventListener("change", update);
    addEventListener("pageshow", update); // after the browser has put back what was typed
    update();
  }
}

/** Show and hide what was typed into a password field; it is hidden again before it goes. */
function showPasswords(page) {
  for (const button of page.querySelectorAll("[data-shows]")) {
    const field = page.getElementById(button.dataset.shows);
    const words = button.firstChild;
    const [show, hide] = [words.data, button.dataset.wordsHide];
    const set = (shown) => {
      field.type = shown ? "text" : "password";
      words.data = shown ? hide : show;
    };
    button.hidden = false;
    button.addEventListener("click", () => set(field.type === "password"));
    field.form?.addEventListener("submit", () => set(false));
    addEventListener("pageshow", () => set(false));
  }
}

/** Mark the rules that a password meets, and tell how many, a moment after the last key. */
function listRules(page) {
  for (const list of page.querySelectorAll("[data-password-rules]")) {
    const field = page.getElementById(list.dataset.passwordRules);
    const rules = [...list.querySelectorAll("li[data-pattern], li[data-differs]")];
    const said = list.querySelector("[data-progress]");
    const others = rules.flatMap((rule) => (rule.dataset.differs ?? "").split(" ")).map((id) => page.getElementById(id));
    let timer;
    const update = () => {
      const met = rules.filter((rule) => mark(rule, isMet(page, rule, field.value), list.dataset)).length;
      clearTimeout(timer);
      timer = setTimeout(() => {
        if (field.value) said.textContent = `${said.dataset.progress} ${met}/${rules.length}`;
      }, 700);
    };
    for (const input of [field, ...others]) input?.addEventListener("input", update);
    if (field.value) update();
  }
}

function isMet(page, rule, typed) {
  const password = typed.normalize("NFKC");
  if (!password) return false;
  const { pattern, differs } = rule.dataset;
  if (pattern && !new RegExp(pattern, "u").test(password)) return false;
  const others = (differs ?? "").split(" ").map((id) => page.getElementById(id)?.value.trim().toLowerCase());
  return !others.some((name) => name && isMadeOf(password.toLowerCase(), name));
}

/** Whether only digits and signs are left of a password without the name, or a part of it; as the server sees it. */
function isMadeOf(password, name) {
  const plain = lettersAndDigits(password);
  const parts = [name, ...name.split(/[^\p{L}\p{N}]+/u)].map(lettersAndDigits).filter((part) => part.length >= 4);
  return password === name || parts.some((part) => plain.includes(part) && /^\d*$/.test(plain.replace(part, "")));
}

function lettersAndDigits(text) {
  return text.replace(/[^\p{L}\p{N}]/gu, "");
}

function mark(rule, met, words) {
  rule.classList.toggle("is-met", met);
  rule.querySelector("[data-state]").textContent = ` (${met ? words.wordsMet : words.wordsUnmet})`;
  return met;
}

hideFields(document);
showPasswords(document);
listRules(document);

// Says in words what a typed date of birth is read as. The server reads the same forms (pages/birth_date.py) and decides.

const FORMS = [
  /^(?<month>\d{1,2})[/.\- ](?<day>\d{1,2})[/.\- ](?<year>\d{4})$/,
  /^(?<year>\d{4})[/.-](?<month>\d{1,2})[/.-](?<day>\d{1,2})$/,
  /^(?<month>\d{2})(?<day>\d{2})(?<year>\d{4})$/,
];

/** Fill the line under each date field while it is typed. */
function echoDates(page) {
  const words = new Intl.DateTimeFormat(page.documentElement.lang, { dateStyle: "long", timeZone: "UTC" });
  for (const line of page.querySelectorAll("[data-echo]")) {
    const field = page.getElementById(line.htmlFor.value);
    field.addEventListener("input", () => {
      const date = read(field.value.trim());
      line.textContent = date ? line.dataset.echo.replace("{date}", words.format(date)) : "";
    });
  }
}

/** The date at midnight UTC, or nothing where it is none or not yet. */
function read(typed) {
  const found = FORMS.map((form) => form.exec(typed)).find(Boolean)?.groups;
  if (!found) return null;
  const date = new Date(0);
  date.setUTCFullYear(Number(found.year), Number(found.month) - 1, Number(found.day));
  const isReal = date.getUTCMonth() + 1 === Number(found.month) && date.getUTCDate() === Number(found.day);
  return isReal && date <= new Date() && Number(found.year) >= 1875 ? date : null;
}

echoDates(document);

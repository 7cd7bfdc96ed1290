"""What the figures are to reach, and what peers reached: one gunicorn worker on one core, Argon2id at 19 MiB, 2, 1.

The cheap ones (queries, bytes, buffers) gate the tests too, which read their limits here. `falls_short` says in the
table why a goal is not reached and what would close the gap.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Goal:
    """One row of the table; `unit` as it is written behind a number."""

    what: str
    limit: float
    unit: str = ""
    at_least: bool = False
    peers: str = "–"
    falls_short: str = ""

    def holds(self, value: float) -> bool:
        return value >= self.limit if self.at_least else value <= self.limit

    @property
    def words(self) -> str:
        return f"{'at least' if self.at_least else 'at most'} {self.limit:g}{self.unit}"


GOALS: dict[str, Goal] = {
    "sign_in_page.cpu": Goal(
        "sign-in page: CPU",
        2.2,
        " ms",
        peers="healthchecks 2.9 ms, django-two-factor-auth 5.7 ms, allauth 10.8 ms",
    ),
    "sign_in_page.queries": Goal(
        "sign-in page: queries", 0, peers="healthchecks 0, django-two-factor-auth 3, allauth 3"
    ),
    "sign_in_page.html": Goal("sign-in page: compressed HTML", 6, " KB"),
    "password_step.ratio": Goal(
        "password step: bare Argon2 ÷ all CPU, database included",
        0.70,
        at_least=True,
        peers="django-two-factor-auth 0.52, allauth 0.46, healthchecks 0.40",
        falls_short="nine statements, most of them through the ORM; the reads as plain SQL would close it",
    ),
    "password_step.new_browser": Goal(
        "the same in a browser not seen before, of which an email tells",
        0.70,
        at_least=True,
        falls_short="the message's row, and the task that wakes its worker; a NOTIFY in the same statement would do",
    ),
    "password_step.queries": Goal("password step: queries", 10),
    "code_page.queries": Goal("page of a code: queries", 10),
    "code_page.cpu": Goal("page of a code: CPU", 8, " ms"),
    "code_post.queries": Goal("right code that signs in: queries", 10),
    "code_post.cpu": Goal("right code that signs in: CPU", 8, " ms"),
    "enrollment.ratio": Goal(
        "a whole enrollment (flow A): bare Argon2 ÷ all CPU, database included",
        0.40,
        at_least=True,
        peers="allauth 0.22 (5 requests, no identity check, no terms)",
        falls_short="12 requests and 43 statements around one hash: 8 ms of Python a request, all over Django. "
        "Fewer pages, or another language for the ORM's and the templates' inner loops, would close it",
    ),
    "enrollment.queries": Goal("a whole enrollment: queries of its busiest page", 10),
    "enrollment.buffers": Goal(
        "buffers that a statement of an enrollment reads more for each look-up in an index, than with "
        "10 thousand records: the worst",
        1,
        peers="allauth: 16 × the time at 205 thousand users, for want of an index on the folded email",
        falls_short="an index of emails has 4 levels then, and had 2; a whole enrollment reads 292 pages instead of "
        "243. A hash index would close it, but cannot keep names unique",
    ),
    "codes.p99": Goal(
        "a code by text, from its commit to the receipt of Twilio's stand-in while 100,000 bulk texts drain: "
        "the slowest of a hundred",
        250,
        " ms",
        peers="GOV.UK Notify promises 95 % within 10 s",
    ),
    "codes.slowest": Goal("the slowest of all of them", 10, " s"),
    "issuing.seconds": Goal("100,000 activation codes issued in bulk, their emails queued", 20, " s"),
    "issuing.memory": Goal("issuing them: memory on top of the start", 64, " MB"),
    "bulk_drain.ratio": Goal(
        "emails of the bulk lane: sent by its worker ÷ by a plain loop that renders them and hands them to SMTP",
        0.7,
        at_least=True,
    ),
    "bulk_drain.rate": Goal("emails of the bulk lane sent by two workers", 500, " a second", at_least=True),
    "roster.csv": Goal(
        "roster import from CSV: plain COPY of the same rows ÷ import",
        0.50,
        at_least=True,
        peers="`bulk_create` 0.10",
        falls_short="one core applies the rows while the other idles; COPY into the records themselves would use both",
    ),
    "roster.ndjson": Goal(
        "roster import from FHIR NDJSON: the same",
        0.25,
        at_least=True,
        peers="`bulk_create` 0.10",
        falls_short="all of a resource is parsed, a tenth of it used; a parser of that tenth alone would do with half",
    ),
    "roster.memory": Goal("roster import: memory of a process on top of its start", 64, " MB"),
    "roster.flat": Goal("roster import: more memory for ten times the rows", 8, " MB"),
    "staff_lists.queries": Goal("a page of the desk's list of patients, or of a search: queries, the most of any", 14),
    "staff_lists.buffers": Goal("the same: pages of the database that it reads, half of the looks", 50),
    "staff_lists.time": Goal("the same: the database's time, half of the looks", 30, " ms"),
    "web.overhead": Goal("web server's own part of the CPU of a sign-in page", 0.25, peers="granian a third as much"),
    "web.memory": Goal("web worker: memory without its threads' 19 MiB each", 110, " MB", peers="91–102 MB"),
    "web.growth": Goal("web worker: growth over 100,000 requests", 5, " MB"),
    "timing.auc": Goal(
        "time of an answer, known against unknown identity: AUC of the worst page",
        0.55,
        peers="allauth sign-up 1.000, healthchecks sign-in 0.993",
    ),
    "first_view": Goal("first view of a page, with style, scripts and fonts", 120, " KB"),
    "second_view": Goal("second view: another page, with what only it has", 10, " KB"),
    "audit_page.queries": Goal("a page of the audit trail: queries, the most of seventeen ways to filter", 14),
    "audit_page.buffers": Goal("the same: pages of the database that it reads, half of the looks", 50),
    "audit_page.ms": Goal("the same: the database's time, half of the looks", 30, " ms"),
}

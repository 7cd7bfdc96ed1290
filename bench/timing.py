"""Whether a page's answer takes longer for an identity that is known: every page that takes one, N answers a side.

The cases of a page take turns in random order over one kept-alive connection, each with a fresh identity, so that what
slows the machine slows them all. AUC is the chance that the answer to one side takes longer than the answer to the
other: 0.5 tells nothing, 1 tells all. A loud machine brings it down, so the difference of the medians stands beside
it, with its interval. Answers that differ in status, headers or length count as an AUC of 1.

N is 2,000; TIMING_N for a quick look. TIMING_PAGES, a part of their names, asks for some pages only.
"""

from __future__ import annotations

import os
import random
import re
import statistics
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import NamedTuple

from bench import guessing_by_email, guessing_enrollment, guessing_reset, guessing_sign_in, running
from bench.figures import Figure
from bench.guessing import Cases, Page, Tried
from bench.visitor import Answer

RESAMPLES = 200
WARM_UP = 10
SEEN_APART = 0.1
CSRF = re.compile(rb'(name="csrfmiddlewaretoken" value=")[^"]+')
VALUE = re.compile(r"=[^;]*")
EXPIRES = re.compile(r"expires=[^;]+", re.IGNORECASE)


class Heard(NamedTuple):
    """One answer: what it took, and what could be seen of it."""

    microseconds: float
    shape: tuple[object, ...]


def measure() -> Iterator[Figure]:
    from bench.walks import prepare

    prepare()
    count, only = int(os.environ.get("TIMING_N", "2000")), os.environ.get("TIMING_PAGES", "")
    found: dict[str, dict[str, dict[str, object]]] = {}
    with running.portal() as portal:
        for page in _pages(portal.port):
            if only in page.name:
                found[page.name] = compare(page, hear(page, count))
    worst = max(
        (float(str(facts["auc"])), name, case) for name, cases in found.items() for case, facts in cases.items()
    )
    yield Figure("timing.auc", worst[0], {"worst": f"{worst[1]}: {worst[2]}", "n": count, "pages": found})


def _pages(port: int) -> Iterator[Page]:
    from practices.models import Practice

    practice, elsewhere = Practice.objects.get(host="localhost"), Practice.objects.get(slug="harbor")
    yield from guessing_sign_in.pages(port, elsewhere)
    yield from guessing_enrollment.pages(port, practice, elsewhere)
    yield from guessing_by_email.pages(port, practice, elsewhere)
    yield from guessing_reset.pages(port, practice, elsewhere)


def hear(page: Page, count: int) -> dict[str, list[Heard]]:
    """So many answers for each case of a page."""
    browsers = [page.cases, *page.others]
    with ThreadPoolExecutor(len(browsers)) as pool:
        shares = [*pool.map(partial(_hear, count=count // len(browsers)), browsers)]
    return {case: [heard for share in shares for heard in share[case]] for case in page.cases}


def _hear(cases: Cases, count: int) -> dict[str, list[Heard]]:
    """The answers to one browser, in turns; what limits have counted is forgotten now and then."""
    from django.db import connection

    from guard.models import Tally

    heard: dict[str, list[Heard]] = {case: [] for case in cases}
    for number in range(-WARM_UP, count):
        for case in random.sample(list(cases), len(cases)):
            answer = _timed(cases[case]())
            if number >= 0:
                heard[case].append(answer)
        if number % 50 == 0:
            Tally.objects.all().delete()
    connection.close()
    return heard


def compare(page: Page, heard: dict[str, list[Heard]]) -> dict[str, dict[str, object]]:
    """Each case of a page beside the unknown identity that it must look like."""
    return {case: beside(heard[reference], heard[case]) for case, reference in page.like.items()}


def beside(unknown: Sequence[Heard], known: Sequence[Heard]) -> dict[str, object]:
    """AUC, and how many microseconds longer the known side takes, with its 95 % interval."""
    these, those = [one.microseconds for one in unknown], [one.microseconds for one in known]
    low, high = interval(these, those)
    alike = apart([one.shape for one in unknown], [one.shape for one in known]) < SEEN_APART
    chance = area(these, those)
    return {
        "auc": round(max(chance, 1 - chance), 4) if alike else 1.0,
        "us": round(statistics.median(those) - statistics.median(these)),
        "us_95": [round(low), round(high)],
        "median_us": round(statistics.median(these)),
        "alike": alike,
    }


def area(these: Sequence[float], those: Sequence[float]) -> float:
    """The chance that one of `those` is above one of `these`; ties count half (Mann and Whitney's U ÷ n · m)."""
    ranked = sorted([(value, 0) for value in these] + [(value, 1) for value in those])
    at: dict[float, list[int]] = {}
    for rank, (value, _) in enumerate(ranked, start=1):
        at.setdefault(value, []).append(rank)
    total = sum(statistics.fmean(at[value]) for value, side in ranked if side)
    return (total - len(those) * (len(those) + 1) / 2) / (len(these) * len(those))


def apart(these: Sequence[object], those: Sequence[object]) -> float:
    """The share of answers that look otherwise on one side than on the other (a session is written now and then)."""
    shares = Counter({shape: n / len(these) for shape, n in Counter(these).items()})
    shares.subtract({shape: n / len(those) for shape, n in Counter(those).items()})
    return sum(abs(share) for share in shares.values()) / 2


def interval(these: Sequence[float], those: Sequence[float]) -> tuple[float, float]:
    """The middle 95 % of the difference of medians, over samples drawn anew from both sides."""
    chance = random.Random(1)
    drawn = sorted(
        statistics.median(chance.choices(those, k=len(those))) - statistics.median(chance.choices(these, k=len(these)))
        for _ in range(RESAMPLES)
    )
    return drawn[round(RESAMPLES * 0.025)], drawn[round(RESAMPLES * 0.975) - 1]


def _timed(tried: Tried) -> Heard:
    begun = time.perf_counter_ns()
    answer = tried.ask()
    return Heard((time.perf_counter_ns() - begun) / 1000, _shape(answer, tried.status))


def _shape(answer: Answer, status: int) -> tuple[object, ...]:
    """Status, headers but for what is secret or the time in them, and the length of the page without its tokens."""
    assert answer.status == status, (answer.status, answer.body[-2000:])
    headers = {name: value for name, value in answer.headers.items() if name not in {"date", "content-length"}}
    if "set-cookie" in headers:
        headers["set-cookie"] = VALUE.sub("", EXPIRES.sub("", headers["set-cookie"]), count=1)
    return answer.status, tuple(sorted(headers.items())), len(CSRF.sub(rb"\1", answer.body))

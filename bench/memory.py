"""What the web worker holds in memory: at its start, with a password hashed in every place, after 100,000 requests.

The requests are as mixed as a day's, only that a sixth of them asks for hosts, pages and accounts that do not exist.
"""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from itertools import islice
from threading import Barrier

from bench import running
from bench.figures import Figure
from bench.visitor import Visitor
from bench.weight import named_by_page
from portal.places import PLACES

MB = 1_000_000
HASH = 19_456 * 1024  # bytes that Argon2 takes for a password
WARM_UP, REQUESTS = 6_000, 100_000
AT_ONCE = 4
SIGN_INS = 30  # one visitor in so many sends a wrong password, which takes as long as twenty pages
HASHINGS = 5
WRONG = "Wrong-harbor-42"
EXPECTED = {200, 302, 404}


def measure() -> Iterator[Figure]:
    from bench.walks import prepare

    prepare()
    yield held()
    yield grown()


def held() -> Figure:
    """What the worker holds at most, all places hashing, without those hashes."""
    with running.portal(worker=True) as portal:
        start, worker = portal.memory(), running.resident(portal.pids["worker"])
        walk(portal, WARM_UP)
        warm = portal.memory()
        hash_in_every_place(portal)
        at_most, after = portal.memory("VmHWM"), portal.memory()
    details = {"start": start, "warm": warm, "hashing": at_most, "afterwards": after, "celery_worker": worker}
    megabytes = {name: round(value / MB, 1) for name, value in details.items()}
    return Figure("web.memory", max(start, at_most - PLACES * HASH) / MB, megabytes)


def grown() -> Figure:
    """What the requests leave behind. Hashes give their memory back here: free memory would hide what is lost."""
    with running.portal(environment={"MALLOC_MMAP_THRESHOLD_": str(HASH // 10)}) as portal:
        walk(portal, WARM_UP)
        before = portal.memory()
        walk(portal, REQUESTS)
        return Figure("web.growth", (portal.memory() - before) / MB, {"from": round(before / MB, 1)})


def hash_in_every_place(portal: running.Portal) -> None:
    """As many wrong passwords as there are places, sent at one moment, a few times over."""
    together = Barrier(PLACES)

    def try_one(number: int) -> None:
        visitor = Visitor(portal.port, address=f"198.51.100.{number}")
        for _ in range(HASHINGS):
            assert visitor.get("/").status == 200
            assert visitor.post("/", name=f"{secrets.token_hex(4)}@example.com").leads_to == "/password/"
            assert visitor.get("/password/").status == 200
            together.wait()
            assert visitor.post("/password/", password=WRONG).status == 200

    with ThreadPoolExecutor(PLACES) as pool:
        list(pool.map(try_one, range(PLACES)))


def walk(portal: running.Portal, requests: int) -> None:
    """So many requests of the mix, by a few visitors at once."""
    with ThreadPoolExecutor(AT_ONCE) as pool:
        for walked in pool.map(lambda _: stroll(portal.port, requests // AT_ONCE), range(AT_ONCE)):
            assert walked == requests // AT_ONCE


def stroll(port: int, requests: int) -> int:
    """One visitor after the other, on one connection; returns how many requests there were."""
    connection = Visitor(port).connection
    asked = 0
    while asked < requests:
        visitor = Visitor(port, address=f"203.0.{secrets.randbelow(256)}.{secrets.randbelow(256)}")
        visitor.connection = connection
        for status in islice(visit(visitor, with_password=not secrets.randbelow(SIGN_INS)), requests - asked):
            assert status in EXPECTED, status
            asked += 1
    return asked


def visit(visitor: Visitor, *, with_password: bool) -> Iterator[int]:
    """The status of each request of one visitor."""
    yield visitor.get("/").status
    for asset in sorted(named_by_page(visitor.page)):
        yield visitor.get(asset, **{"Accept-Encoding": "br"}).status
    yield visitor.post("/", name=f"{secrets.token_hex(4)}@example.com").status
    if with_password:
        yield visitor.get("/password/").status
        yield visitor.post("/password/", password=WRONG).status
    visitor.host = secrets.choice(("localhost", "harbor.portal.localhost", "juniper.portal.localhost"))
    yield visitor.get("/terms/", **{"Accept-Language": secrets.choice(("en", "es"))}).status
    yield visitor.get("/enroll/", **{"Accept-Language": secrets.choice(("en", "es"))}).status
    yield visitor.get(f"/{secrets.token_urlsafe()}/").status
    visitor.host = f"{secrets.token_hex(8)}.portal.localhost"
    yield visitor.get("/").status
    yield visitor.get("/healthz").status

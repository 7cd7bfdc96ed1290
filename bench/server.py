"""The choice of the web server: gunicorn, and granian beside it where it is installed, on pages of the portal.

Both work at the same time on the same core and take turns. `web.overhead` is what the server itself takes of a page:
the most that another server could save. docs/decisions/0017-web-server.md has the table, and what counted more.
"""

from __future__ import annotations

import importlib.util
import statistics
import time
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from typing import TYPE_CHECKING

from bench import running, walks
from bench.figures import Figure
from bench.running import Portal
from bench.visitor import Visitor
from bench.weight import named_by_page
from portal.places import OnceWhole

if TYPE_CHECKING:
    from wsgiref.types import StartResponse, WSGIEnvironment

ROUNDS = 5
PAGE = b"a" * 5000
GUNICORN = running.GUNICORN[:-1]
GRANIAN = """
import sys
from granian import Granian
address, _, port = sys.argv[-1].rpartition(":")
Granian(sys.argv[1], address, int(port), interface="wsgi", blocking_threads=16, log_enabled=False).serve()
"""


def page(_environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
    """As little as an application can do for a page."""
    start_response("200 OK", [("Content-Type", "text/html"), ("Content-Length", str(len(PAGE)))])
    return [PAGE]


bare = OnceWhole(page)


def measure() -> Iterator[Figure]:
    from bench.walks import prepare

    prepare()
    servers: dict[str, tuple[str, ...]] = {"gunicorn": GUNICORN}
    if importlib.util.find_spec("granian"):
        servers["granian"] = ("-c", GRANIAN)
    with ExitStack() as stack:
        portals = {
            (name, application): stack.enter_context(running.portal(web=(*command, application)))
            for name, command in servers.items()
            for application in ("bench.server:bare", "portal.wsgi:application")
        }
        spent = in_turns(portals)
        memory = {f"{name} {app}": round(portal.memory() / 1e6, 1) for (name, app), portal in portals.items()}
    by_server = {
        name: {job: round(statistics.median(each), 3) for job, each in spent[name].items()} for name in servers
    }
    ours = by_server["gunicorn"]
    yield Figure("web.overhead", ours["bare page"] / ours["sign-in page"], {"cpu_ms": by_server, "memory_mb": memory})


def in_turns(portals: dict[tuple[str, str], Portal]) -> dict[str, dict[str, list[float]]]:
    """By server and by kind of request: CPU milliseconds of the server a request, one number a round."""
    spent: dict[str, dict[str, list[float]]] = defaultdict(lambda: defaultdict(list))
    for number in range(ROUNDS + 1):
        for job, ask, application in JOBS:
            for (name, app), portal in portals.items():
                if app != application:
                    continue
                before, begun = portal.cpu()["web"], time.perf_counter()
                asked = ask(portal.port)
                if number:  # the first round warms up
                    spent[name][job].append(1000 * (portal.cpu()["web"] - before) / asked)
                    spent[name][f"{job}, from asking to answer"].append(1000 * (time.perf_counter() - begun) / asked)
    return spent


def pages(port: int, count: int = 200) -> int:
    visitor = Visitor(port)
    for _ in range(count):
        assert visitor.get("/").status == 200
    return count


def pages_at_once(port: int) -> int:
    with ThreadPoolExecutor(16) as pool:
        return sum(pool.map(lambda _: pages(port, 25), range(16)))


def names_sent(port: int, count: int = 60) -> int:
    visitor = Visitor(port)
    for _ in range(count):
        visitor.get("/")
        assert visitor.post("/", name="nobody@example.com").leads_to == "/password/"
    return 2 * count


def style_sheets(port: int, count: int = 200) -> int:
    visitor = Visitor(port)
    visitor.get("/")
    sheet = next(path for path in named_by_page(visitor.page) if "uswds" in path and path.endswith(".css"))
    for _ in range(count):
        assert visitor.get(sheet, **{"Accept-Encoding": "br"}).status == 200
    return count


def sign_ins(port: int, count: int = 10) -> int:
    steps = walks.sign_in("maria.santos@example.com", "Sunny-harbor-42")[:-1]
    for _ in range(count):
        visitor = Visitor(port)
        for step in steps:
            answer = visitor.get(step.path) if step.fields is None else visitor.post(step.path, **step.fields)
            assert answer.leads_to == step.leads_to
        visitor.connection.close()
    return count


OURS, BARE = "portal.wsgi:application", "bench.server:bare"
JOBS: tuple[tuple[str, Callable[[int], int], str], ...] = (
    ("bare page", pages, BARE),
    ("bare page, 16 at once", pages_at_once, BARE),
    ("sign-in page", pages, OURS),
    ("sign-in page, 16 at once", pages_at_once, OURS),
    ("sign-in name sent", names_sent, OURS),
    ("style sheet", style_sheets, OURS),
    ("whole sign-in", sign_ins, OURS),
)

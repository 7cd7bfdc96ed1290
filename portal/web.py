"""gunicorn's configuration (lower case: gunicorn's names). WEB_CONCURRENCY says how many processes: 1 by default."""

import ctypes
from contextlib import suppress

from portal import env  # noqa: F401 - an installation that is not configured ends here, before any worker

worker_class = "gthread"
threads = 256  # a slow client holds one for as long as it sends; portal.places says how many are at work
timeout = 30
graceful_timeout = 8
keepalive = 5
# The portal writes its own request log, which holds no addresses with secrets in them (portal/logs.py).
accesslog = None
control_socket_disable = True

# One heap for all threads: with one for each, glibc keeps the 19 MiB of a password once for every thread that ever
# hashed one. Set here, in the process that the workers are forked from, before there are threads.
M_ARENA_MAX = -8  # malloc.h
with suppress(AttributeError):  # not glibc
    ctypes.CDLL(None).mallopt(M_ARENA_MAX, 1)

"""gunicorn's configuration (lower case: gunicorn's names). WEB_CONCURRENCY says how many processes: 1 by default."""

from portal import env  # noqa: F401 - an installation that is not configured ends here, before any worker

worker_class = "gthread"
threads = 16
timeout = 30
graceful_timeout = 8
keepalive = 5
# The portal writes its own request log, which holds no addresses with secrets in them (portal/logs.py).
accesslog = None
control_socket_disable = True

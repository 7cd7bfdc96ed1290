"""Celery's configuration, read by the `app` of portal.celery when it is first needed (lower case: Celery's names)."""

from datetime import timedelta

from django.conf import settings
from kombu import Queue

broker_url = settings.REDIS_URL
broker_transport = "portal.broker:Transport"
broker_connection_retry_on_startup = True
broker_connection_max_retries = None  # a worker outlives any outage of Redis: it still looks into PostgreSQL
# Socket time-outs here are the worker's, which waits seconds for a task; publishing has its own (notifications.waking).
broker_transport_options = {
    "socket_timeout": 5,
    "socket_connect_timeout": 2,
    "socket_keepalive": True,
}

task_queues = (Queue("urgent", no_ack=True), Queue("bulk", no_ack=True))
task_default_queue = "bulk"
task_create_missing_queues = False
task_ignore_result = True
worker_prefetch_multiplier = 1
worker_hijack_root_logger = False
worker_redirect_stdouts = False
worker_enable_remote_control = False

beat_schedule = {
    "forget what no longer counts": {"task": "portal.tasks.forget_old", "schedule": timedelta(hours=1)},
    "seal the audit trail": {
        "task": "portal.tasks.seal_audit_trail",
        "schedule": timedelta(minutes=1),
        "options": {"expires": 60},
    },
    "clear expired sessions": {"task": "portal.tasks.clear_sessions", "schedule": timedelta(hours=6)},
    "go on with codes in bulk": {
        "task": "enrollment.tasks.issue_forgotten",
        "schedule": timedelta(minutes=1),
        "options": {"expires": 60},
    },
    "look after letters": {
        "task": "enrollment.tasks.look_after_letters",
        "schedule": timedelta(minutes=1),
        "options": {"expires": 60},
    },
    "close accounts that are reset": {
        "task": "enrollment.tasks.close_accounts",
        "schedule": timedelta(minutes=2),
        "options": {"expires": 120},
    },
    "go on with files that were sent": {
        "task": "staff.tasks.go_on_with_uploads",
        "schedule": timedelta(minutes=1),
        "options": {"expires": 60},
    },
    "release results": {
        "task": "results.tasks.release_due",
        "schedule": timedelta(minutes=1),
        "options": {"expires": 60},
    },
    "count where people give up": {"task": "enrollment.tasks.count_funnel", "schedule": timedelta(hours=1)},
    "apply birthdays": {"task": "enrollment.tasks.grow_up", "schedule": timedelta(hours=1)},
    "let abandoned enrollments lapse": {"task": "enrollment.tasks.lapse", "schedule": timedelta(minutes=15)},
}

"""The Celery application. Workers: `celery -A portal worker --pool threads -Q urgent`, and another one for bulk."""

import os

from celery import Celery

from notifications.sweep import Sweep

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "portal.settings")

app = Celery("portal")
app.config_from_object("portal.celery_config")
app.autodiscover_tasks()
app.steps["worker"].add(Sweep)

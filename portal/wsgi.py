"""What the web server runs: `gunicorn --config python:portal.web portal.wsgi`."""

import gc
import os

from django.core.wsgi import get_wsgi_application

from portal.places import OnceWhole

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "portal.settings")

application = OnceWhole(get_wsgi_application())

# What is loaded by now stays: looking through it for garbage again and again took 3 % of an enrollment (decision 16).
gc.collect()
gc.freeze()

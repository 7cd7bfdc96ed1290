"""The app enrollment."""

from django.apps import AppConfig


class EnrollmentConfig(AppConfig):
    """Names the app."""

    name = "enrollment"

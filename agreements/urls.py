"""Addresses of the texts that a practice asks people to agree to."""

from __future__ import annotations

from django.urls import path

from agreements import views

urlpatterns = [
    path("terms/", views.terms, name="terms"),
    path("privacy/", views.privacy, name="privacy"),
]

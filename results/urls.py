"""Addresses of lab results."""

from django.urls import path

from results.views import reports, trends

urlpatterns = [
    path("", reports.page, name="results"),
    path("<int:report>/", reports.one, name="result"),
    path("trend/<slug:code>/", trends.page, name="result_trend"),
]

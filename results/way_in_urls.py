"""Addresses that the email about a result holds."""

from django.urls import path

from results.views import way_in

urlpatterns = [
    path("result/<int:report>/", way_in.land, name="view_result"),
    path("<str:secret>/", way_in.link, name="view_results"),
    path("<str:secret>/<str:number>/", way_in.link, name="view_results"),
]

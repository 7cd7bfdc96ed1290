"""Every address of the portal, put together from the apps."""

from __future__ import annotations

from django.conf import settings
from django.urls import URLPattern, URLResolver, include, path

from portal import home
from staff.site import site as staff_site

urlpatterns: list[URLPattern | URLResolver] = [
    path("", include("accounts.urls")),
    path("", include("enrollment.urls")),
    path("", include("agreements.urls")),
    path("", include("pages.urls")),
    path("results/", include("results.urls")),
    path("view-results/", include("results.way_in_urls")),
    path("twilio/", include("notifications.urls")),
    path("i18n/", include("django.conf.urls.i18n")),
    path("home/", home.home, name="home"),
    path("staff/", staff_site.urls),
]

if settings.DEMO:
    urlpatterns += [path("inbox/", include("notifications.inbox_urls"))]

handler400 = "pages.errors.bad_request"
handler403 = "pages.errors.forbidden"
handler404 = "pages.errors.not_found"
handler500 = "pages.errors.server_error"

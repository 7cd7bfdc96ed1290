"""Addresses of the pages app."""

from __future__ import annotations

from django.urls import re_path

from pages import brand

urlpatterns = [re_path(r"^brand-(?P<digest>[0-9a-f]{12})\.css$", brand.brand, name="brand")]

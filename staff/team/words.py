"""Words that more than one page of the staff list says."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

FEW_MANAGERS = _(
    "There is one manager only. Invite a second one: nobody else could help that person back in, or take over."
)

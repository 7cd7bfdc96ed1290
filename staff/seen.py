"""Forms over what stands already: what was changed since a tab showed it is not overwritten unseen."""

from __future__ import annotations

import hashlib
import json
from typing import TYPE_CHECKING, Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

if TYPE_CHECKING:
    from collections.abc import Mapping

SEEN = "seen"
CHANGED = _(
    "Somebody changed this since you opened the page. What you entered is kept below; look at what stands there now, "
    "in another tab, before you save it."
)


class SeenForm(forms.Form):
    """`initial` is what stands now. The page carries a digest of what stood when it was shown."""

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self._now = _digest(self.initial)
        widget = forms.HiddenInput({"autocomplete": "off"})
        self.fields[SEEN] = forms.CharField(required=False, initial=self._now, widget=widget)

    def clean(self) -> dict[str, Any]:
        """ValidationError where it is something else by now: once, who saves again has been told."""
        typed = super().clean() or {}
        seen = typed.pop(SEEN, "")
        if seen and seen != self._now:
            kept = self.data.copy()  # type: ignore[attr-defined] # a QueryDict
            kept[SEEN] = self._now
            self.data = kept
            raise ValidationError(CHANGED, code="changed")
        return typed


def _digest(values: Mapping[str, Any]) -> str:
    said = json.dumps(dict(values), sort_keys=True, default=str)
    return hashlib.sha256(said.encode()).hexdigest()[:16]

"""Most rows of a CSV file hold nothing to clean: one pattern finds that out for a whole row."""

from __future__ import annotations

import re
from collections.abc import Sequence

_ANY = r"[^\n]*+"  # what its own function reads
_TEXT = r"(?:[!-~]++(?: [!-~]++)*+)?"
_NAME = r"(?:[A-Za-z][A-Za-z'.-]{0,40}+(?: [A-Za-z'.-]{1,40}+){0,3}+)?"
_EMAIL = r"(?:[\w.+'-]{1,64}+@[\w-]{1,40}+(?:\.[\w-]{1,40}+){1,3}+)?"
_PATTERNS = {
    "mrn": "[!-~]{1,64}+", "merged_into": "[!-~]{0,64}+",
    "first_name": _NAME, "last_name": _NAME, "former_last_names": _NAME, "email": _EMAIL,
    **dict.fromkeys(("birth_date", "sex", "home_phone", "work_phone", "mobile_phone"), _ANY),
    **dict.fromkeys(("language", "deceased", "active"), _ANY),
}  # fmt: skip


def pattern(columns: Sequence[str]) -> re.Pattern[str]:
    """What matches cells of these columns, a line each, that cleaning would leave as they are."""
    return re.compile("\n".join(_PATTERNS.get(name, _TEXT) for name in columns), re.ASCII)

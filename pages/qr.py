"""QR codes as SVG inside the page: no file, no style, so nothing for the content security policy to forbid."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import groupby

from django.utils.html import format_html
from django.utils.safestring import SafeString
from qrcode.constants import ERROR_CORRECT_M
from qrcode.main import QRCode

QUIET = 4  # modules of white around it (ISO/IEC 18004 9.1)


def svg(text: str, *, label: str) -> SafeString:
    """Draw the QR code of a text, black on white whatever the page's colours; `label` says what it is."""
    code = QRCode(error_correction=ERROR_CORRECT_M, border=QUIET)
    code.add_data(text)
    rows = code.get_matrix()
    dark = "".join(f"M{x} {y}h{wide}v1h-{wide}z" for y, row in enumerate(rows) for x, wide in _bars(row))
    size = len(rows)
    return format_html(
        '<svg class="portal-qr" role="img" aria-label="{}" viewBox="0 0 {} {}" shape-rendering="crispEdges">'
        '<rect width="{}" height="{}" fill="#fff"></rect><path d="{}"></path></svg>',
        label, size, size, size, size, dark,
    )  # fmt: skip


def _bars(row: list[bool]) -> Iterator[tuple[int, int]]:
    """Where the dark bars of a row begin, and how wide they are."""
    x = 0
    for is_dark, run in groupby(row):
        wide = len(list(run))
        if is_dark:
            yield x, wide
        x += wide

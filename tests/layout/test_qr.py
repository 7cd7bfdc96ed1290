"""QR codes inside a page."""

from __future__ import annotations

import re

import pytest
from qrcode.constants import ERROR_CORRECT_M
from qrcode.main import QRCode

from pages import qr

LONG = "otpauth://totp/Clinic%3Amaria%40example.com?secret=" + "A2" * 16 + "&issuer=Clinic"


@pytest.mark.parametrize("text", ["x", LONG])
def test_the_picture_is_the_code_with_four_modules_of_quiet_around_it(text: str) -> None:
    svg = qr.svg(text, label="QR code")
    code = QRCode(error_correction=ERROR_CORRECT_M, border=0)
    code.add_data(text)
    rows = code.get_matrix()
    bars = [[int(part) for part in bar] for bar in re.findall(r"M(\d+) (\d+)h(\d+)v1h-\d+z", svg)]
    drawn = {(x + step, y) for x, y, wide in bars for step in range(wide)}
    assert drawn == {(x + 4, y + 4) for y, row in enumerate(rows) for x, is_dark in enumerate(row) if is_dark}
    assert f'viewBox="0 0 {len(rows) + 8} {len(rows) + 8}"' in svg


def test_its_label_is_escaped() -> None:
    assert 'aria-label="&quot;&lt;b&gt;"' in qr.svg("x", label='"<b>')

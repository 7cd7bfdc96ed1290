"""`manage.py readiness` ends with 0 where nothing is missing, and says what is."""

from __future__ import annotations

from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from tests.people import a_chart, a_practice
from tests.staff.kit import a_manager

pytestmark = pytest.mark.django_db


def test_it_says_what_is_missing_and_then_that_all_is_there() -> None:
    practice = a_practice(option_required=True)
    with pytest.raises(CommandError, match="is not ready"):
        call_command("readiness", practice=practice.slug, stdout=StringIO())
    a_chart(practice)
    a_manager(practice)
    a_manager(practice, "second")
    out = StringIO()
    call_command("readiness", practice=practice.slug, stdout=out)
    assert f"{practice.name} is ready." in out.getvalue()
    with pytest.raises(CommandError, match="no practice nowhere"):
        call_command("readiness", practice="nowhere")

"""On a chart: what is wrong with its addresses, and the last messages to them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from notifications.models import Channel
from notifications.trouble import Trouble
from staff.outreach import deliveries
from staff.outreach.why import WHY

if TYPE_CHECKING:
    from collections.abc import Iterator

    from notifications.trouble import Found
    from practices.current import PracticeRequest
    from practices.models import PatientRecord

LAST = 5


def of(chart: PatientRecord, request: PracticeRequest) -> dict[str, Any]:
    """Six queries."""
    chart.practice = request.practice
    last = list(deliveries.to_chart(chart)[:LAST])
    return {"troubles": list(_troubles(chart)), "last": deliveries.rows(chart.practice, last, chart)}


def _troubles(chart: PatientRecord) -> Iterator[dict[str, Any]]:
    """A home phone that takes no texts is no trouble: it takes calls."""
    for one in deliveries.of_record(chart):
        if one.trouble is not Trouble.LANDLINE or one.to == chart.mobile_e164:
            yield {"found": one, "why": WHY[one.trouble], "channel": _channel(one)}


def _channel(one: Found) -> str:
    return str(Channel(one.channel).label)

"""Addresses: **Invite all**, **Deliveries**, and who said STOP."""

from __future__ import annotations

from staff.outreach import again, deliveries, inviting, opt_outs
from staff.routes import Route

ROUTES: tuple[Route, ...] = (
    Route("invite-all/", inviting.page, "invite_all"),
    Route("invite-all/check/", inviting.check, "invite_check"),
    Route("invite-all/start/", inviting.start, "invite_start"),
    Route("invite-all/<int:run>/", inviting.run, "invite_run"),
    Route("invite-all/<int:run>/pause/", inviting.pause, "invite_pause"),
    Route("invite-all/<int:run>/resume/", inviting.resume, "invite_resume"),
    Route("invite-all/<int:run>/end/", inviting.end, "invite_end"),
    Route("deliveries/", deliveries.page, "deliveries"),
    Route("deliveries/<int:message>/", deliveries.one, "delivery"),
    Route("deliveries/<int:message>/again/", again.again, "delivery_again"),
    Route("opt-outs/", opt_outs.page, "opt_outs"),
)

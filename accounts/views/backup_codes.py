"""**Backup codes**: made, shown once, printed, put away."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST

from accounts import security
from accounts.gates import account_of, signed_in
from accounts.views.step_up import fresh_proof
from guard import secrets
from practices.choices import SecurityOption
from verification import backup, options

if TYPE_CHECKING:
    from django.http import HttpResponse

    from practices.current import PracticeRequest

KEY = "backup_codes"  # where a session keeps a new sheet, sealed, until its owner has put it away
SHOWN_FOR = 10 * 60  # seconds: time to find a printer, not longer than the page is likely to be watched


@signed_in
@fresh_proof
def page(request: PracticeRequest) -> HttpResponse:
    """GET says what they are for; POST makes them, in place of those before."""
    account = account_of(request)
    if SecurityOption.BACKUP not in request.practice.settings.options_offered or not options.has_any(account):
        return redirect("protect")
    if request.method == "POST":
        codes = security.add_backup_codes(account=account, request=request)
        request.session[KEY] = {"sealed": secrets.seal({"codes": codes}).decode(), "at": int(time.time())}
        return redirect("backup_codes_made")
    return render(request, "accounts/backup_codes.html", {"sheet": backup.sheet_of(account)})


@signed_in
def made(request: PracticeRequest) -> HttpResponse:
    """Show the new sheet, also after a reload, until it is put away or ten minutes are over."""
    kept = request.session.get(KEY)
    if not kept or time.time() - kept["at"] > SHOWN_FOR:
        request.session.pop(KEY, None)
        return redirect("security")
    codes = [backup.shown(code) for code in secrets.unseal(kept["sealed"].encode())["codes"]]
    return render(request, "accounts/backup_codes_made.html", {"codes": codes, "account": account_of(request)})


@signed_in
@require_POST
def put_away(request: PracticeRequest) -> HttpResponse:
    """**I have put them away**: from now on nobody sees them again."""
    request.session.pop(KEY, None)
    return redirect("security")

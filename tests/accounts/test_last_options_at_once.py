"""Two options removed at the same instant: where a practice requires one, one of them stays."""

from __future__ import annotations

import secrets
from concurrent.futures import ThreadPoolExecutor

from django.contrib.sessions.backends.base import SessionBase
from django.db import connection

from accounts import security
from accounts.models import Account
from tests.accounts.options_kit import a_text_option
from tests.people import a_practice, a_request, an_account
from verification import options
from verification.models import CodeOption


def test_one_stays(committed_db: None) -> None:
    practice = a_practice(option_required=True)
    account = an_account(practice, name=f"maria-{secrets.token_hex(4)}", verified=False)
    both = [a_text_option(account, f"+121255501{number}") for number in (71, 72)]

    def remove(option: CodeOption) -> bool:
        request = a_request(practice)
        request.session = SessionBase()
        try:
            security.remove(account=Account.objects.get(pk=account.pk), option=option, request=request)
        except security.LastOptionError:
            return False
        finally:
            connection.close()
        return True

    with ThreadPoolExecutor(2) as pool:
        assert sorted(pool.map(remove, both)) == [False, True]
    assert len(options.of(account)) == 1

"""The messages about security options that this floor itself sends; the words are in templates/notices/<name>/."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from notifications import outbox

if TYPE_CHECKING:
    from practices.models import Practice


def passkey_copied(*, account: Any, practice: Practice) -> None:  # noqa: ANN401 - AUTH_USER_MODEL, of a higher floor
    """Tell the verified email that a passkey was refused, since there seem to be two of it."""
    if account.verified_email:
        outbox.queue(
            "passkey_copied", practice=practice, to=account.verified_email, language=account.language, context={}
        )

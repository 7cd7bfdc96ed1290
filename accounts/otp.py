"""django-otp's middleware, but that a page which does not ask whether the user was verified costs no statement."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

from django_otp.middleware import OTPMiddleware

if TYPE_CHECKING:
    from django.http import HttpRequest


class LazyOTPMiddleware(OTPMiddleware):  # type: ignore[misc] # no types of its own
    """Puts `is_verified()` on `request.user`: false again once the option of the sign-in is removed.

    `otp_device` is there after `is_verified()` was asked.
    """

    def _verify_user_sync(self, request: HttpRequest, user: Any) -> Any:  # noqa: ANN401 - an account, or nobody
        user.is_verified = partial(self._is_verified, request, user)
        return user

    def _is_verified(self, request: HttpRequest, user: Any) -> bool:  # noqa: ANN401 - as above
        if not hasattr(user, "otp_device"):
            super()._verify_user_sync(request, user)
        return user.otp_device is not None

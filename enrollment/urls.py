"""Addresses of flow A."""

from django.urls import path

from enrollment.views import account, credentials, done, phone, refused, start, token, vouch

urlpatterns = [
    path("enroll/", start.accept_terms, name="enroll_terms"),
    path("enroll/declined/", start.declined, name="enroll_declined"),
    path("enroll/start/", start.way_in, name="enroll_way_in"),
    path("enroll/other-code/", start.other_code, name="enroll_other_code"),
    path("enroll/no-code/", start.no_code, name="enroll_no_code"),
    path("enroll/token/", token.details, name="enroll_token"),
    path("enroll/not-mine/", refused.not_mine, name="enroll_not_mine"),
    path("enroll/not-mine/told/", refused.told, name="enroll_not_mine_told"),
    path("enroll/account/", account.options, name="enroll_account"),
    path("enroll/account/email/", account.other_email, name="enroll_other_email"),
    path("enroll/credentials/", credentials.credentials, name="enroll_credentials"),
    path("enroll/credentials/new/", credentials.new, name="enroll_new"),
    path("enroll/credentials/username/", credentials.new_with_username, name="enroll_username"),
    path("enroll/credentials/sign-in/", credentials.existing, name="enroll_sign_in"),
    path("enroll/phone/", phone.page, name="enroll_phone"),
    path("enroll/phone/code/", phone.code, name="enroll_phone_code"),
    path("enroll/phone/code/again/", phone.again, name="enroll_phone_again"),
    path("enroll/phone/code/call/", phone.call, name="enroll_phone_call"),
    path("enroll/phone/code/state/", phone.state, name="enroll_phone_state"),
    path("enroll/vouch/", vouch.page, name="enroll_vouch"),
    path("enroll/vouch/continue/", vouch.use, name="enroll_vouched"),
    path("enroll/done/", done.done, name="enroll_done"),
]

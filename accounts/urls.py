"""Addresses of signing in."""

from django.urls import path

from accounts.views import email_address, names, objection, sign_in, sign_in_links

urlpatterns = [
    path("", sign_in.name, name="sign_in"),
    path("password/", sign_in.password, name="password"),
    path("password/link/", sign_in_links.send, name="sign_in_link"),
    path("password/link/sent/", sign_in_links.sent, name="sign_in_link_sent"),
    path("this-browser/", sign_in_links.page, name="known_browser"),
    path("this-browser/<int:account>/<str:secret>/", sign_in_links.link, name="known_browser_link"),
    path("sign-out/", sign_in.sign_out, name="sign_out"),
    path("signed-out/", sign_in.signed_out, name="signed_out"),
    path("stay-signed-in/", sign_in.stay_signed_in, name="stay_signed_in"),
    path("choose-sign-in-name/", names.page, name="choose_sign_in_name"),
    path("verify-email/", email_address.page, name="verify_email"),
    path("verify-email/again/", email_address.again, name="verify_email_again"),
    path("verify-email/done/", email_address.done, name="email_verified"),
    path("verify-email/<str:secret>/", email_address.link, name="verify_email_link"),
    path("not-me/", objection.page, name="not_me"),
    path("not-me/<str:secret>/", objection.link, name="not_me_link"),
]

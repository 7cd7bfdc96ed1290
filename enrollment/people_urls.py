"""Addresses of **People with access**."""

from django.urls import path

from enrollment.views import not_my_proxy, people, people_invite

urlpatterns = [
    path("settings/people/", people.page, name="people_with_access"),
    path("settings/people/invite/", people_invite.page, name="invite_someone"),
    path("settings/people/give-up/<int:access>/", people.give_up, name="give_up_access"),
    path("settings/people/access/<int:access>/end/", people.end, name="end_access"),
    path("settings/people/invited/<int:proxy>/cancel/", people.cancel, name="cancel_invitation"),
    path("settings/people/invited/<int:proxy>/again/", people_invite.again, name="invite_again"),
    path("not-my-proxy/<int:proxy>/<str:secret>/", not_my_proxy.link, name="not_my_proxy_link"),
    path("not-my-proxy/", not_my_proxy.page, name="not_my_proxy"),
]

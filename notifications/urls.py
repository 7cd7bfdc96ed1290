"""Where Twilio tells of texts and calls."""

from django.urls import path

from notifications import callbacks

urlpatterns = [
    path("status/<int:message>/", callbacks.status, name="twilio_status"),
    path("incoming/", callbacks.incoming, name="twilio_incoming"),
]

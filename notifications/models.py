"""What the portal owes somebody to say: one row a message, written with the change it tells about."""

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _


class Channel(models.TextChoices):
    EMAIL = "email", _("Email")
    SMS = "sms", _("Text")
    VOICE = "voice", _("Call")


class Lane(models.TextChoices):
    """Which worker sends it. A lane is also the name of its Celery queue."""

    URGENT = "urgent", _("Urgent")  # somebody is waiting for it, or has to be warned
    BULK = "bulk", _("Bulk")


class State(models.TextChoices):
    QUEUED = "queued", _("Waiting")
    SENDING = "sending", _("Being sent")
    SENT = "sent", _("Sent")  # the provider took it
    DELIVERED = "delivered", _("Delivered")  # a text arrived, a call was answered
    UNDELIVERED = "undelivered", _("Not delivered")  # as the phone company reports
    FAILED = "failed", _("Failed")  # nobody took it
    EXPIRED = "expired", _("Expired before it was sent")
    UNKNOWN = "unknown", _("Not known")  # it may have left, and no answer came back


PHONE = (Channel.SMS, Channel.VOICE)
OPEN = (State.QUEUED, State.SENDING)
FINAL = (State.SENT, State.DELIVERED, State.UNDELIVERED, State.FAILED, State.EXPIRED, State.UNKNOWN)
WRONG = (State.UNDELIVERED, State.FAILED, State.EXPIRED, State.UNKNOWN)  # did not arrive, or nobody knows


class Message(models.Model):
    """One message in the outbox.

    `context_sealed` may hold secrets (a link, a code): encrypted, and erased in every final state.
    `due_at` is when any worker may take the row. Leasing a row moves it to the end of the lease, so that one index
    finds the waiting rows and those of a worker that was killed. `tries` goes up with every lease and so also tells
    a worker whether the row is still its own. `left_at` is set before a text or a call is asked for: a row that has it
    without an answer may have left, and is not sent again. `provider_id` is the provider's own name for it.
    """

    practice = models.ForeignKey(  # message_by_practice begins with it
        "practices.Practice", on_delete=models.PROTECT, related_name="messages", db_index=False
    )
    channel = models.CharField(max_length=8, choices=Channel.choices, default=Channel.EMAIL)
    to = models.CharField(max_length=320)
    notice = models.CharField(max_length=60)
    context_sealed = models.BinaryField(null=True)
    language = models.CharField(max_length=12)
    lane = models.CharField(max_length=8, choices=Lane.choices, default=Lane.URGENT)
    state = models.CharField(max_length=12, choices=State.choices, default=State.QUEUED)
    tries = models.PositiveSmallIntegerField(default=0)
    due_at = models.DateTimeField(db_default=Now())
    expires_at = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField(db_default=Now())
    left_at = models.DateTimeField(null=True, blank=True)
    sent_at = models.DateTimeField(null=True, blank=True)
    provider_id = models.CharField(max_length=40, blank=True, default="", db_default="")
    failure = models.CharField(max_length=40, blank=True)
    request_id = models.CharField(max_length=64, blank=True)

    class Meta:
        ordering: ClassVar = ["-pk"]
        indexes: ClassVar = [
            models.Index(fields=["lane", "due_at", "id"], name="message_due", condition=models.Q(state__in=OPEN)),
            models.Index(fields=["practice", "-id"], name="message_by_practice"),
            # **Deliveries** (docs/decisions/0036-deliveries.md): what is rare among very many; who is asked for
            models.Index(fields=["practice", "-id"], name="message_wrong", condition=models.Q(state__in=WRONG)),
            models.Index(
                fields=["practice", "channel", "-id"], name="message_by_phone", condition=models.Q(channel__in=PHONE)
            ),
            models.Index(
                fields=["practice", "notice", "-id"], name="message_by_notice", condition=~models.Q(notice="code")
            ),
            models.Index(fields=["practice", "to", "-id"], name="message_to"),
        ]
        constraints: ClassVar = [
            models.CheckConstraint(
                name="message_final_holds_no_secret",
                condition=~models.Q(state__in=FINAL) | models.Q(context_sealed__isnull=True),
            ),
            models.CheckConstraint(
                name="message_open_has_its_context",
                condition=~models.Q(state__in=OPEN) | models.Q(context_sealed__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.notice} {self.pk} ({self.state})"


class CapturedMessage(models.Model):
    """What the demo "sent": kept here instead of leaving the machine, and shown at /inbox/."""

    practice = models.ForeignKey("practices.Practice", on_delete=models.CASCADE, related_name="captured_messages")
    channel = models.CharField(max_length=8, choices=Channel.choices)
    to = models.CharField(max_length=320, db_index=True)
    subject = models.CharField(max_length=255, blank=True)
    body = models.TextField()
    html = models.TextField(blank=True)
    links = models.JSONField(default=list)
    state = models.CharField(max_length=12, choices=State.choices)
    created_at = models.DateTimeField(db_default=Now())

    class Meta:
        ordering: ClassVar = ["-pk"]

    def __str__(self) -> str:
        return f"{self.channel} {self.pk}"


class OptOut(models.Model):
    """A phone that answered STOP to a sender, and so gets no text from it, from none of the practices that share it.

    `sender` is a Messaging Service, or the number texted from where there is none.
    """

    number = models.CharField(max_length=16)
    sender = models.CharField(max_length=40)
    since = models.DateTimeField(db_default=Now())

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["number", "sender"], name="one_opt_out_per_sender")]

    def __str__(self) -> str:
        return f"opt-out {self.pk}"


class TextingConsent(models.Model):
    """What somebody said of texts to a phone, for a patient record or (None) for themselves.

    `agreed` False is a no that was said; where nothing was said there is no row.
    """

    practice = models.ForeignKey(  # texting_said_once begins with it
        "practices.Practice", on_delete=models.PROTECT, related_name="texting_consents", db_index=False
    )
    number = models.CharField(max_length=16)
    account = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="texting_consents")
    record = models.ForeignKey(
        "practices.PatientRecord", on_delete=models.PROTECT, null=True, related_name="texting_consents"
    )
    agreed = models.BooleanField()
    since = models.DateTimeField(db_default=Now())

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["practice", "number", "account", "record"], nulls_distinct=False, name="texting_said_once"
            )
        ]

    def __str__(self) -> str:
        return f"texting consent {self.pk}"


class PhoneLine(models.Model):
    """What kind of line a number is, where the number itself does not tell: as looked up, or learnt from a failure."""

    number = models.CharField(max_length=16, unique=True)
    kind = models.CharField(max_length=8)
    learnt_at = models.DateTimeField(auto_now=True)

    def __str__(self) -> str:
        return f"line {self.pk}"

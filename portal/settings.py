"""Django's settings: what the portal is made of. What differs between installations comes from `portal.env`."""

from __future__ import annotations

from pathlib import Path

from django.utils.translation import gettext_lazy as _
from django_guid.integrations.celery import CeleryIntegration

from portal import env, logs

BASE_DIR = Path(__file__).resolve().parent.parent

DEMO = env.DEMO
DATA_DIR = env.DATA_DIR
SECRET_KEY = env.SECRET_KEY
CODE_KEY = env.CODE_KEY
FIELD_KEYS = env.FIELD_KEYS
AUDIT_KEYS = env.AUDIT_KEYS
TRUSTED_PROXIES = env.TRUSTED_PROXIES

# Which hosts exist is a matter of the practices: practices.current answers 404 to every other one.
ALLOWED_HOSTS = ["*"]
PORTAL_BASE_HOST = env.PORTAL_BASE_HOST
PORTAL_SCHEME = "http" if DEMO else "https"
PORTAL_PORT_SUFFIX = f":{env.PORT}" if DEMO else ""

INSTALLED_APPS = [
    "django.contrib.admin.apps.SimpleAdminConfig",  # without its own site: the staff's is staff/site.py
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.forms",
    "django_guid",
    "django_otp",
    "django_otp_webauthn",
    "audit",
    "pages",
    "guard",
    "practices",
    "notifications",
    "verification",
    "agreements",
    "accounts",
    "enrollment",
    "results",
    "staff",
    "portal",
]

MIDDLEWARE = [
    "django_guid.middleware.guid_middleware",
    "guard.address.ClientAddressMiddleware",
    "portal.logs.RequestLogMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "pages.headers.PageHeadersMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "practices.current.PracticeMiddleware",
    "practices.language.LanguageMiddleware",  # around sessions: a page for one that cannot be saved is in words too
    "django.contrib.sessions.middleware.SessionMiddleware",
    "pages.errors.WrongMethodMiddleware",
    "django.middleware.common.CommonMiddleware",
    "pages.csrf.PortalCsrfMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "accounts.otp.LazyOTPMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "accounts.sessions.SessionLimitsMiddleware",  # says why a session ended: after messages
]

ROOT_URLCONF = "portal.urls"
WSGI_APPLICATION = "portal.wsgi.application"
CSRF_FAILURE_VIEW = "pages.errors.csrf_failure"
FORM_RENDERER = "pages.renderer.PortalRenderer"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.template.context_processors.i18n",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ],
        },
    },
]

DATABASES = {"default": env.database()}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

AUTH_USER_MODEL = "accounts.Account"
AUTHENTICATION_BACKENDS = ["accounts.sign_in.SignInBackend"]
PASSWORD_HASHERS = ["guard.passwords.PortalArgon2"]
LOGIN_URL = "sign_in"
# A sign-in name that is an unverified email is shared on purpose until somebody verifies it (docs/flows.md, rule 13).
# A passkey's origin is its practice's own address, not one of a list (verification/passkey_ceremony.py).
SILENCED_SYSTEM_CHECKS = ["auth.W004", "otp_webauthn.E030"]

OTP_WEBAUTHN_CREDENTIAL_MODEL = "verification.Passkey"
OTP_WEBAUTHN_RP_ID_CALLABLE = "verification.passkey_ceremony.relying_party"
OTP_WEBAUTHN_RP_NAME_CALLABLE = "verification.passkey_ceremony.relying_party_name"

SESSION_ENGINE = "guard.sessions"
SESSION_COOKIE_SECURE = not DEMO
SESSION_COOKIE_NAME = "session" if DEMO else "__Host-session"
SESSION_EXPIRE_AT_BROWSER_CLOSE = True
SESSION_COOKIE_AGE = 12 * 60 * 60
CSRF_COOKIE_SECURE = not DEMO
CSRF_COOKIE_NAME = "csrf" if DEMO else "__Host-csrf"
CSRF_COOKIE_HTTPONLY = True
MESSAGE_STORAGE = "django.contrib.messages.storage.session.SessionStorage"

SECURE_REFERRER_POLICY = "no-referrer"
SECURE_SSL_REDIRECT = not DEMO
SECURE_REDIRECT_EXEMPT = [r"^healthz$"]  # asked from inside, without the proxy
SECURE_HSTS_SECONDS = 0 if DEMO else 365 * 24 * 60 * 60
SECURE_HSTS_INCLUDE_SUBDOMAINS = not DEMO
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if TRUSTED_PROXIES else None

LANGUAGE_CODE = "en"
LANGUAGES = [("en", _("English")), ("es", _("Spanish"))]
LOCALE_PATHS = [BASE_DIR / "locale"]
FORMAT_MODULE_PATH = "pages.formats"
LANGUAGE_COOKIE_HTTPONLY = True
LANGUAGE_COOKIE_SECURE = not DEMO
LANGUAGE_COOKIE_SAMESITE = "Lax"
TIME_ZONE = "UTC"

DATA_UPLOAD_MAX_MEMORY_SIZE = 64 * 1024  # bytes: forms are small, and nothing is uploaded
FILE_UPLOAD_HANDLERS: list[str] = []  # what is sent as a file all the same is read past, not kept

STATIC_URL = "static/"
STATIC_ROOT = DATA_DIR / "static"
STATICFILES_DIRS = [BASE_DIR / "static"]
WHITENOISE_USE_FINDERS = DEMO
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {
        "BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"
        if DEMO
        else "whitenoise.storage.CompressedManifestStaticFilesStorage",
    },
}

LOGGING = logs.LOGGING
# Each request has an id (a proxy may give it, as a UUID), which goes along into Celery's tasks and all log lines.
DJANGO_GUID = {
    "VALIDATE_GUID": True,
    "RETURN_HEADER": False,
    "INTEGRATIONS": [CeleryIntegration(use_django_logging=True)],
}

EMAIL_URL = env.EMAIL_URL
DEFAULT_FROM_EMAIL = env.EMAIL_FROM
CAPTURES_PHONE = env.CAPTURES_PHONE
TWILIO_ACCOUNT_SID = env.TWILIO_ACCOUNT_SID
TWILIO_AUTH_TOKEN = env.TWILIO_AUTH_TOKEN
TWILIO_CODES_SERVICE_SID = env.TWILIO_CODES_SERVICE_SID
TWILIO_BULK_SERVICE_SID = env.TWILIO_BULK_SERVICE_SID
TWILIO_VOICE_FROM = env.TWILIO_VOICE_FROM
TWILIO_LOOKUP = env.TWILIO_LOOKUP
TWILIO_API_BASE = env.TWILIO_API_BASE
REDIS_URL = env.REDIS_URL

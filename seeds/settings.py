"""All settings. Every value that differs between machines comes from the environment; a missing one fails by name."""

import base64
import binascii
import os
import re
from pathlib import Path
from urllib.parse import parse_qsl, unquote, urlsplit

from csp.constants import NONE, SELF
from django.core.exceptions import ImproperlyConfigured

BASE_DIR = Path(__file__).resolve().parent.parent


def text(name: str, default: str | None = None) -> str:
    """The variable's text. Raises ImproperlyConfigured naming it when it is unset and has no default."""
    value = os.environ.get(name, default)
    if value is None or (default is None and not value):
        raise ImproperlyConfigured(f"Set the environment variable {name} (see docs/operations.md).")
    return value


def flag(name: str, *, default: bool) -> bool:
    """True for "1", False for "0"; anything else raises."""
    value = os.environ.get(name, "1" if default else "0")
    if value not in ("0", "1"):
        raise ImproperlyConfigured(f"{name} must be 0 or 1, not {value!r}.")
    return value == "1"


def number(name: str, default: int) -> int:
    """The variable as a whole number; raises when it is none."""
    value = os.environ.get(name, str(default))
    if not value.isascii() or not value.isdigit():
        raise ImproperlyConfigured(f"{name} must be a whole number, not {value!r}.")
    return int(value)


def listed(name: str, default: str | None = None) -> list[str]:
    """The variable split at commas, without empty parts."""
    return [part.strip() for part in text(name, default).split(",") if part.strip()]


def secret_bytes(name: str) -> bytes:
    """At least 32 random bytes, given as base64."""
    try:
        value = base64.b64decode(text(name), validate=True)
    except binascii.Error as error:
        raise ImproperlyConfigured(f"{name} must be base64.") from error
    if len(value) < 32:
        raise ImproperlyConfigured(f"{name} must hold at least 32 bytes.")
    return value


def database(url: str, pool: int) -> dict[str, object]:
    """Django's database settings from postgresql://user:password@host:port/name?host=/socket/folder."""
    parts = urlsplit(url)
    if parts.scheme not in ("postgres", "postgresql"):
        raise ImproperlyConfigured("DATABASE_URL must start with postgresql://")
    options: dict[str, object] = dict(parse_qsl(parts.query))
    host = options.pop("host", None) or unquote(parts.hostname or "")
    if pool:
        # Past its reconnect_timeout a pool tries again when somebody asks; before, it waits ever longer by itself.
        options["pool"] = {"min_size": 2, "max_size": pool, "timeout": 2, "reconnect_timeout": 3}
    options.setdefault("connect_timeout", "3")
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": parts.path.lstrip("/"),
        "USER": unquote(parts.username or ""),
        "PASSWORD": unquote(parts.password or ""),
        "HOST": host,
        "PORT": str(parts.port or ""),
        "CONN_MAX_AGE": 0,
        "CONN_HEALTH_CHECKS": True,  # a pooled connection of a server that was restarted is replaced, not used
        "OPTIONS": options,
    }


def content_policy(exit_url: str) -> dict[str, dict[str, list[str]]]:
    """What pages may load and where their forms may lead: this site, and the exit's target.

    A target that is missing here would make the exit button do nothing at all, without a word.
    """
    away = urlsplit(exit_url)
    return {
        "DIRECTIVES": {
            "default-src": [NONE],
            "style-src": [SELF],
            "img-src": [SELF],
            "script-src": [SELF],
            "connect-src": [SELF],
            "form-action": [SELF, f"{away.scheme}://{away.netloc}"],
            "base-uri": [NONE],
            "frame-ancestors": [NONE],
        }
    }


# --- Who we are ---------------------------------------------------------------------------------------------------
DEMO = flag("DEMO", default=False)  # everything in it is invented; pages say so
DEBUG = False
TLS = flag("TLS", default=not DEMO)
DATA_DIR = Path(text("DATA_DIR", str(BASE_DIR / "var"))).resolve()
KEY_DIR = Path(text("KEY_DIR", str(DATA_DIR / "keys")))  # one key file a session; never in the database or its backups
SECRET_KEY = text("SECRET_KEY")
SITE_SALT = secret_bytes("SITE_SALT")  # salts the seven words and the card codes; losing it locks everybody out
FIELD_KEYS = listed("FIELD_KEYS")  # Fernet keys for second-factor secrets, newest first
ALLOWED_HOSTS = listed("ALLOWED_HOSTS")
SITE_URL = text("SITE_URL").rstrip("/")  # as people type it, with the scheme
SITE_NAME = "Seeds"
SITE_OPERATOR = text("SITE_OPERATOR")  # who runs this site, in one sentence
SITE_FUNDING = text("SITE_FUNDING")  # who pays for it
SITE_HOSTING = text("SITE_HOSTING")  # who hosts it, and where
SITE_CONTACT = text("SITE_CONTACT")  # how to reach the operator
SITE_TIME_ZONE = text("SITE_TIME_ZONE", "America/New_York")  # the first choice in forms and on public pages
#: Days of the month on which benefits are paid here: no session starts on one without a reason.
BENEFIT_DAYS = [int(day) for day in listed("BENEFIT_DAYS", "1,2,3") if day.isdigit()]
EXIT_URL = text("EXIT_URL", "https://www.wikipedia.org/")  # where the exit button leads
if not EXIT_URL.startswith("https://"):
    raise ImproperlyConfigured("EXIT_URL must start with https://")
if not re.fullmatch(r"[A-Za-z0-9.-]+(:[0-9]+)?", urlsplit(EXIT_URL).netloc):
    raise ImproperlyConfigured("EXIT_URL must name a host")  # it goes into a header, where ; and spaces have a meaning
ONION_URL = text("ONION_URL", "").rstrip("/")  # the same site as an onion service, if there is one
if ONION_URL and not re.fullmatch(r"http://[a-z2-7]{56}\.onion", ONION_URL):
    raise ImproperlyConfigured("ONION_URL must be http:// and an onion name of 56 letters and digits")
CSRF_TRUSTED_ORIGINS = [SITE_URL]

# --- Backups (see docs/operations.md) -----------------------------------------------------------------------------
BACKUP_RECIPIENT = text("BACKUP_RECIPIENT", "")  # an age public key; without one there are no backups
BACKUP_DIR = Path(text("BACKUP_DIR", str(DATA_DIR / "backups")))
BACKUP_DAYS = number("BACKUP_DAYS", 7)
KEY_BACKUP_RECIPIENT = text("KEY_BACKUP_RECIPIENT", "")  # of other hands, who keep the copy of the sessions' keys
KEY_BACKUP_DIR = Path(text("KEY_BACKUP_DIR", str(DATA_DIR / "key-backup")))
if not 1 <= BACKUP_DAYS <= 7:
    raise ImproperlyConfigured("BACKUP_DAYS must be from 1 to 7: the site promises that no copy is older.")

# --- The house ----------------------------------------------------------------------------------------------------
INSTALLED_APPS = [
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.messages",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "django.contrib.postgres",
    "django.forms",
    "csp",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "accounts.apps.AccountsConfig",  # after Django's own accounts, whose record of sign-in times it narrows
    "dialogue.apps.DialogueConfig",
    *(["demo.apps.DemoConfig"] if DEMO else []),
]
MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "django.middleware.locale.LocaleMiddleware",  # before whatever makes an address
    "seeds.middleware.ResponseHeaders",
    "accounts.participants.middleware.WebSessions",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "accounts.middleware.AliasKey",
    "accounts.participants.middleware.SignInFirst",
    "accounts.middleware.NamedPagesOnly",
    "accounts.middleware.RequireSecondFactor",
    "django.contrib.messages.middleware.MessageMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "accounts.middleware.AskAgainAndForget",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
]
ROOT_URLCONF = "seeds.urls"
WSGI_APPLICATION = "seeds.wsgi.application"
APPEND_SLASH = True
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "seeds.context.site",
            ],
            "libraries": {
                "commitments": "dialogue.commitments.page_tags",
                "felt_heard": "dialogue.feedback.page_tags",
                "first_moves": "dialogue.acknowledgments.page_tags",
                "nudges": "dialogue.egoguard.page_tags",
                "page": "seeds.page_tags",
                "promises": "dialogue.welcome.promise_tags",
                "reports": "dialogue.reports.page_tags",
                "retention": "dialogue.retention.page_tags",
                "talks": "dialogue.sessions.page_tags",
            },
        },
    }
]
FORM_RENDERER = "django.forms.renderers.TemplatesSetting"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
DATABASES = {"default": database(text("DATABASE_URL"), number("DB_POOL", 12))}
REDIS_URL = text("REDIS_URL")
CACHES = {
    name: {
        "BACKEND": "django.core.cache.backends.redis.RedisCache",
        "LOCATION": REDIS_URL,
        "KEY_PREFIX": name,
        "OPTIONS": {"socket_connect_timeout": 2, "socket_timeout": 5},
    }
    for name in ("default", "sessions", "pickup")
}

# --- Language and time --------------------------------------------------------------------------------------------
# The language stands in the address (docs/decisions/0060): English without a prefix, the others below /es/ and so on.
LANGUAGE_CODE = "en"
LANGUAGES = [("en", "English"), ("es", "Español")]  # each by its own name, which is never translated
LOCALE_PATHS = [BASE_DIR / "locale"]
FORMAT_MODULE_PATH = "seeds.formats"
TIME_ZONE = "UTC"
USE_TZ = True

# --- Static files -------------------------------------------------------------------------------------------------
STATIC_URL = "/static/"
STATIC_ROOT = DATA_DIR / "static"
STATICFILES_DIRS = [BASE_DIR / "static"]
WHITENOISE_USE_FINDERS = flag("STATIC_FROM_SOURCE", default=DEMO)  # demo and tests: no collectstatic step
WHITENOISE_AUTOREFRESH = WHITENOISE_USE_FINDERS  # they look files up when asked: a changed one is served at once
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {
        "BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"
        if WHITENOISE_USE_FINDERS
        else "whitenoise.storage.CompressedManifestStaticFilesStorage"
    },
}
# No uploads; nothing that was posted may reach a temporary file.
FILE_UPLOAD_HANDLERS = ["django.core.files.uploadhandler.MemoryFileUploadHandler"]
DATA_UPLOAD_MAX_MEMORY_SIZE = 256 * 1024
DATA_UPLOAD_MAX_NUMBER_FIELDS = 200

# --- Accounts -----------------------------------------------------------------------------------------------------
AUTH_USER_MODEL = "accounts.User"
AUTHENTICATION_BACKENDS = [
    "allauth.account.auth_backends.AuthenticationBackend",
    "accounts.backends.PassphraseBackend",
]
PASSWORD_HASHERS = ["accounts.hashers.Argon2"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {
        "NAME": "django.contrib.auth.password_validation.MinimumLengthValidator",
        "OPTIONS": {"min_length": 12},
    },
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
BARRED_CHECK = "dialogue.sessions.barring.is_barred"  # asked at sign-in; accounts may not import dialogue
LOGIN_URL = "accounts:sign_in"
LOGIN_REDIRECT_URL = "accounts:start"
ACCOUNT_ADAPTER = "accounts.adapters.AccountAdapter"
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*", "password2*"]
ACCOUNT_SIGNUP_FORM_CLASS = "accounts.forms.ListenerSignupForm"
ACCOUNT_EMAIL_VERIFICATION = "mandatory"
ACCOUNT_PREVENT_ENUMERATION = "strict"
ACCOUNT_EMAIL_UNKNOWN_ACCOUNTS = False
ACCOUNT_EMAIL_SUBJECT_PREFIX = ""
ACCOUNT_LOGOUT_REDIRECT_URL = "welcome:home"
ACCOUNT_EMAIL_CONFIRMATION_ANONYMOUS_REDIRECT_URL = "account_login"
ACCOUNT_SESSION_REMEMBER = False
# Behind one shared room's address sit many people: per-address limits are wide, per-key ones stay narrow.
ACCOUNT_RATE_LIMITS = {
    "login": "300/m/ip",
    "login_failed": "300/m/ip,5/5m/key",
    "signup": "100/m/ip",
    "reset_password": "100/m/ip,3/5m/key",
    "reset_password_from_key": "100/m/ip",
}
ACCOUNT_CHANGE_EMAIL = True  # one address an account; a new one counts once it is confirmed
ACCOUNT_EMAIL_NOTIFICATIONS = True  # a changed password or second factor is told by mail
ACCOUNT_FORMS = {
    "add_email": "accounts.listeners.forms.ChangeEmailForm",
    "change_password": "accounts.account_forms.ChangePasswordForm",
    "login": "accounts.account_forms.LoginForm",
    "reauthenticate": "accounts.account_forms.ReauthenticateForm",
    "reset_password": "accounts.account_forms.ResetPasswordForm",
    "reset_password_from_key": "accounts.account_forms.ResetPasswordKeyForm",
    "signup": "accounts.account_forms.SignupForm",
}
MFA_ADAPTER = "accounts.adapters.MFAAdapter"
MFA_SUPPORTED_TYPES = ["totp", "webauthn", "recovery_codes"]
MFA_TOTP_ISSUER = SITE_NAME
MFA_FORMS = {
    "activate_totp": "accounts.account_forms.ActivateTOTPForm",
    "authenticate": "accounts.account_forms.AuthenticateForm",
    "reauthenticate": "accounts.account_forms.ReauthenticateCodeForm",
    "add_webauthn": "accounts.account_forms.AddPasskeyForm",
    "edit_webauthn": "accounts.account_forms.ChangePasskeyForm",
}
MFA_ALLOW_UNVERIFIED_EMAIL = True  # nobody gets in unconfirmed; this lets people change a confirmed address
MFA_TOTP_TOLERANCE = 1  # phones' clocks are off by half a minute
MFA_WEBAUTHN_ALLOW_INSECURE_ORIGIN = not TLS  # the demo and the tests run without TLS
MFA_PASSKEY_LOGIN_ENABLED = False
# What stands on a higher floor and is needed below: named here, so that accounts/ imports nothing of dialogue/.
AUDIT_WRITER = "dialogue.audit.actions.write"
LISTENER_STEPS = [
    "dialogue.commitments.next_steps.promise_steps",
    "accounts.listeners.queries.entry_steps",
    "dialogue.acknowledgments.next_steps.session_steps",
]
SETUP_STEPS = [
    "dialogue.retention.setup.server_steps",
    "dialogue.resources.queries.help_steps",
    "accounts.team.setup.people_steps",
    "dialogue.retention.setup.law_steps",
]
JOBS = {"own_words": "dialogue.ownwords.jobs.make", "bulletin": "dialogue.bulletin.jobs.send"}
OPERATOR_TASKS = [
    "accounts.team.queries.people_tasks",
    "dialogue.resources.queries.resource_tasks",
    "dialogue.reminders.queries_site.mail_tasks",
    "dialogue.retention.health.upkeep_tasks",
]

# --- What the browser keeps and sends -----------------------------------------------------------------------------
SESSION_ENGINE = "accounts.websession"
SESSION_COOKIE_NAME = "__Host-s" if TLS else "s"
SESSION_COOKIE_SECURE = TLS
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Strict"
SESSION_EXPIRE_AT_BROWSER_CLOSE = True
SESSION_SERIALIZER = "django.contrib.sessions.serializers.JSONSerializer"
CSRF_USE_SESSIONS = True  # Django's own CSRF cookie would live for a year
CSRF_FAILURE_VIEW = "accounts.views.csrf_failure"
MESSAGE_STORAGE = "django.contrib.messages.storage.session.SessionStorage"
SECURE_SSL_REDIRECT = False  # the proxy answers on port 80; see deploy/
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if TLS else None
SECURE_HSTS_SECONDS = 63_072_000 if TLS else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = TLS
SECURE_HSTS_PRELOAD = TLS
SECURE_REFERRER_POLICY = (
    "same-origin"  # not no-referrer: browsers then send "Origin: null", which the CSRF check refuses
)
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
CONTENT_SECURITY_POLICY = content_policy(EXIT_URL)
SILENCED_SYSTEM_CHECKS = [
    "security.W008",  # the redirect to TLS is the proxy's
    "auth.W004",  # addresses are unique without regard to case, by a constraint that this check does not see
]

# --- Mail ---------------------------------------------------------------------------------------------------------
ADMINS: list[tuple[str, str]] = []  # an error mail would carry what somebody typed
EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
EMAIL_HOST = text("EMAIL_HOST")
EMAIL_PORT = number("EMAIL_PORT", 587)
EMAIL_HOST_USER = text("EMAIL_HOST_USER", "")
EMAIL_HOST_PASSWORD = text("EMAIL_HOST_PASSWORD", "")
EMAIL_USE_TLS = flag("EMAIL_USE_TLS", default=not DEMO)
EMAIL_TIMEOUT = 15
DEFAULT_FROM_EMAIL = text("MAIL_FROM")

# --- Background work ----------------------------------------------------------------------------------------------
CELERY_BROKER_URL = REDIS_URL.replace("unix://", "redis+socket://", 1).replace("?db=", "?virtual_host=")
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_BROKER_TRANSPORT_OPTIONS = {"visibility_timeout": 600, "socket_connect_timeout": 2, "socket_timeout": 30}
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_REJECT_ON_WORKER_LOST = True
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_TASK_IGNORE_RESULT = True
CELERY_RESULT_BACKEND = None
CELERY_TASK_SERIALIZER = "json"
CELERY_ACCEPT_CONTENT = ["json"]
CELERY_TIMEZONE = "UTC"
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
REMINDER_TICK = number("REMINDER_TICK", 30)  # seconds between two looks at what is due
REMINDER_LEASE = number("REMINDER_LEASE", 180)  # seconds one mail may take before another worker repeats it
SIGN_OF_LIFE = number("SIGN_OF_LIFE", 30)  # seconds between two signs that worker and beat live
TICKS: dict[str, tuple[str, float]] = {
    "sign-of-life": ("retention.sign_of_life", SIGN_OF_LIFE),
    "send-due-reminders": ("reminders.send_due", REMINDER_TICK),
    "work-off-jobs": ("jobs.work", REMINDER_TICK),
    "delete-what-is-due": ("retention.run", 15 * 60),  # each date on a session's page is kept to this
    "postpone-what-cannot-open": ("sessions.postpone", 600),
    "give-back-returned": ("moderation.give_back", 300),  # as long as this at most a return can be undone
    "free-old-claims": ("moderation.free_claims", 1800),
    "scrub": ("retention.scrub", 1800),
    "back-up": ("retention.back_up", 3600),
    "renew-key-copy": ("retention.renew_key_copy", 15 * 60),
}
CELERY_BEAT_SCHEDULE = {  # ticks that pile up while no worker runs are worth nothing
    name: {"task": task, "schedule": seconds, "options": {"expires": seconds}}
    for name, (task, seconds) in TICKS.items()
}

# --- Logs that hold nothing personal ------------------------------------------------------------------------------
LOGGING_CONFIG = "logging.config.dictConfig"
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"nothing_personal": {"()": "seeds.logging.NothingPersonal"}},
    "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "nothing_personal"}},
    "root": {"handlers": ["stderr"], "level": "WARNING"},
    "loggers": {
        # Django's own handlers would print the message and mail the request.
        "django": {"handlers": [], "level": "WARNING", "propagate": True},
        "django.server": {"handlers": [], "level": "WARNING", "propagate": True},
        "celery": {"handlers": [], "level": "WARNING", "propagate": True},
        # The web server's own would print whole tracebacks, with the values in their messages.
        **{name: {"handlers": [], "level": "WARNING", "propagate": True} for name in ("uvicorn", "uvicorn.error")},
        "seeds": {"level": "INFO"},
    },
}

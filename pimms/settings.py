"""The settings: one file, read from the environment, safe when it is empty.

The variables are listed in docs/settings.md; a wrong one stops the start with a sentence
that says what to do. Ids in brackets are those of docs/faults.md.
"""

import os
import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import dj_database_url
from csp.constants import NONE, SELF
from django.core.exceptions import ImproperlyConfigured

from labelling.access.passwords import count_unguessed
from labelling.sandbox.limits import MEGABYTE
from labelling.spreadsheets.files.sandbox.limits import Limits
from pimms import private_files
from pimms.logs import FORMATS, make_logging
from pimms.sqlite_file import Connection

# First of all, for every process that reads the settings [S28].
private_files.begin()

BASE_DIR = Path(__file__).resolve().parent.parent

# All that a start on this machine makes: the secret, the SQLite file, the static files.
LOCAL_DIR = BASE_DIR / ".local"

_NUMBER = re.compile(r"\A0*[1-9][0-9]{0,5}\Z")


def is_on(name: str) -> bool:
    """Tell whether the variable says yes; unset or empty, it says no."""
    value = os.environ.get(name, "").strip().lower()
    if value in {"yes", "true", "on", "1"}:
        return True
    if value in {"", "no", "false", "off", "0"}:
        return False
    raise ImproperlyConfigured(f"{name} vaut « {value} » : écrivez yes ou no.")


def read_folder(name: str) -> str:
    """The folder that the environment names, empty if it names none; « ~ » is that of who runs."""
    named = os.environ.get(name, "").strip()
    return os.path.expanduser(named)  # noqa: PTH111  # A « ~x » of nobody stays as it is.


def read_number(name: str, default: int) -> int:
    """Return the variable as a number from 1 to 999 999; unset or empty, the default."""
    value = os.environ.get(name, "").strip() or str(default)
    if not _NUMBER.fullmatch(value):
        raise ImproperlyConfigured(
            f"{name} vaut « {value} » : écrivez un nombre de 1 à 999999, comme {default}."
        )
    return int(value)


def read_choice(name: str, choices: Sequence[str], default: str) -> str:
    """Return the variable, which is one of the choices; unset or empty, the default."""
    value = os.environ.get(name, "").strip().lower() or default
    if value not in choices:
        *others, last = choices
        raise ImproperlyConfigured(
            f"{name} vaut « {value} » : écrivez {', '.join(others)} ou {last}."
        )
    return value


# Security

LOOPBACK = ["127.0.0.1", "localhost", "[::1]"]

DEBUG = is_on("DEBUG")

# Only “make start” declares it: HTTP without TLS, so the browser must be on this machine.
PLAIN_HTTP = is_on("PLAIN_HTTP")

# How long a secret is at least, and how many of its characters must be what nobody thinks of: of
# 8,000 drawn ones of 64 hexadecimal digits, none had fewer than 28.
_SHORTEST_SECRET = 50
_LEAST_UNGUESSED = 20
_DRAWN = "python3 -c 'import secrets; print(secrets.token_urlsafe(50))'"


def read_secret_key() -> str:
    """Return the secret of the environment, of a file, else the one that “make start” wrote.

    One that can be guessed is refused [S24].
    """
    secret = os.environ.get("SECRET_KEY", "")
    place, path = "de la variable SECRET_KEY", None if secret else find_secret_file()
    if path:
        secret, place = read_secret_file(path), f"du fichier {path}"
    elif not secret:
        raise ImproperlyConfigured(
            "Il manque un secret : lancez « make start », qui en crée un, "
            f"ou donnez dans la variable SECRET_KEY celui que tire « {_DRAWN} »."
        )
    if len(secret) < _SHORTEST_SECRET:
        flaw = f"n’a pas {_SHORTEST_SECRET} caractères"
    elif secret.startswith("django-insecure-") or count_unguessed(secret) < _LEAST_UNGUESSED:
        flaw = "se devine"
    else:
        return secret
    raise ImproperlyConfigured(
        f"Le secret {place} {flaw} : remplacez-le par celui que tire « {_DRAWN} »."
    )


def find_secret_file() -> Path | None:
    """Return the file that the environment names, else systemd's, else that of “make start”."""
    if named := os.environ.get("SECRET_KEY_FILE", ""):
        return Path(named)
    credentials = os.environ.get("CREDENTIALS_DIRECTORY", "")
    folders = [*([Path(credentials)] if credentials else []), LOCAL_DIR]
    return next((path for folder in folders if (path := folder / "secret").is_file()), None)


def read_secret_file(path: Path) -> str:
    """Return what a file holds, if it is its owner's alone: systemd sees to its own itself."""
    try:
        if os.environ.get("SECRET_KEY_FILE") and path.stat().st_mode & 0o077:
            raise ImproperlyConfigured(
                f"D’autres peuvent lire le fichier {path} : lancez « chmod 600 {path} », "
                "et tirez un autre secret s’ils ont pu le lire."
            )
        return path.read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError):
        raise ImproperlyConfigured(
            f"Le secret du fichier {path} ne se lit pas : vérifiez son nom et ses droits."
        ) from None


def read_allowed_hosts() -> list[str]:
    """Return the names this server answers to; none given, those of the machine itself."""
    hosts = [host.strip() for host in os.environ.get("ALLOWED_HOSTS", "").split(",")]
    hosts = [host for host in hosts if host]
    if PLAIN_HTTP and not set(hosts) <= set(LOOPBACK):
        raise ImproperlyConfigured(
            "PLAIN_HTTP=yes ne vaut que pour cette machine : "
            "retirez ALLOWED_HOSTS, ou retirez PLAIN_HTTP et servez en HTTPS."
        )
    return hosts or LOOPBACK


SECRET_KEY = read_secret_key()
ALLOWED_HOSTS = read_allowed_hosts()

# Behind a proxy, gunicorn itself reads X-Forwarded-Proto, from the addresses in its own
# FORWARDED_ALLOW_IPS only: nothing to trust here [S18].
SECURE_SSL_REDIRECT = not PLAIN_HTTP

# Where a request comes from: the last address that the header X-Forwarded-For holds, which the
# proxy writes; without a proxy, whoever asks could write it, and it is not read [S15].
BEHIND_PROXY = is_on("BEHIND_PROXY")

# Browsers remember for a year that this host speaks HTTPS alone. That its subdomains do too, and
# that browsers may know it by heart, is for the owner of the domain to choose: so the checks that
# ask for both (W005, W021) are silent.
HSTS = read_choice("HSTS", ("host", "subdomains", "preload"), default="host")
SECURE_HSTS_SECONDS = 0 if PLAIN_HTTP else 365 * 24 * 3600
SECURE_HSTS_INCLUDE_SUBDOMAINS = not PLAIN_HTTP and HSTS in {"subdomains", "preload"}
SECURE_HSTS_PRELOAD = not PLAIN_HTTP and HSTS == "preload"
SILENCED_SYSTEM_CHECKS = ["security.W005", "security.W021"]

SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = not PLAIN_HTTP

# A working day in all, and an hour of nothing: labelling/access/sessions.py [S17].
SESSION_COOKIE_AGE = 12 * 3600
SESSION_IDLE_SECONDS = 3600

X_FRAME_OPTIONS = "DENY"

# [S13] The same on every page, without exception.
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF],
        "style-src": [SELF],
        "img-src": [SELF, "data:"],
        "font-src": [SELF],
        "connect-src": [SELF],
        "form-action": [SELF],
        "base-uri": [NONE],
        "frame-ancestors": [NONE],
    }
}

AUTH_PASSWORD_VALIDATORS = [{"NAME": "labelling.access.passwords.GuessValidator"}]

# Links to choose a password [S24].
PASSWORD_RESET_TIMEOUT = 72 * 3600

# Signing in: the address is the account's name; nobody signs up. What is tried is counted by
# labelling/access/tries.py, in the database, so the library's own counts are off [S15].
AUTHENTICATION_BACKENDS = ["labelling.access.backend.Backend"]
LOGIN_URL = "admin:login"
LOGIN_REDIRECT_URL = "admin:index"
ACCOUNT_ADAPTER = "labelling.access.adapters.AccountAdapter"
ACCOUNT_FORMS = {
    "login": "labelling.access.forms.SignInForm",
    "reauthenticate": "labelling.access.forms.ConfirmForm",
}
ACCOUNT_LOGIN_METHODS = {"username"}
ACCOUNT_SIGNUP_FIELDS = ["username*", "password1*"]
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_RATE_LIMITS = MFA_RATE_LIMITS = False
ACCOUNT_SESSION_REMEMBER = False
MFA_ADAPTER = "labelling.access.adapters.FactorAdapter"
MFA_FORMS = {
    "authenticate": "labelling.access.forms.CodeForm",
    "reauthenticate": "labelling.access.forms.ConfirmByCodeForm",
    "activate_totp": "labelling.access.forms.FirstCodeForm",
    "add_webauthn": "labelling.access.forms.PasskeyForm",
    "authenticate_webauthn": "labelling.access.forms.PasskeyFactorForm",
    "login_webauthn": "labelling.access.forms.PasskeySignInForm",
    "reauthenticate_webauthn": "labelling.access.forms.ConfirmByPasskeyForm",
}
MFA_SUPPORTED_TYPES = ["totp", "recovery_codes", "webauthn"]
MFA_PASSKEY_LOGIN_ENABLED = True
MFA_ALLOW_UNVERIFIED_EMAIL = True
MFA_RECOVERY_CODES_SHOW_ONCE = True
MFA_TOTP_ISSUER = "Réseau PIMMS"
# A clock may be wrong by half a minute; a code is taken once all the same [S16].
MFA_TOTP_TOLERANCE = 1
MFA_TRUST_ENABLED = True
MFA_TRUST_COOKIE_AGE = 30 * 24 * 3600
# Of whom a second factor is required: of nobody on a laptop that serves itself alone [S16].
SECOND_FACTOR = read_choice(
    "SECOND_FACTOR",
    ("everybody", "managers", "nobody"),
    default="nobody" if PLAIN_HTTP else "managers",
)
# Chromium allows passkeys without TLS on « localhost » alone.
MFA_WEBAUTHN_ALLOW_INSECURE_ORIGIN = PLAIN_HTTP


# Application

INSTALLED_APPS = [
    # First: its templates and its French replace those of the applications below.
    "labelling",
    "pimms.apps.BackOfficeConfig",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "simple_history",
    # Signing in: codes, passkeys, trusted browsers. Its admin is left out (pimms/urls.py has its
    # pages, labelling/access what is ours of it).
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "django.forms",  # Its templates, behind ours.
]
FORM_RENDERER = "django.forms.renderers.TemplatesSetting"

MIDDLEWARE = [
    # Before hosts, redirects and sessions: whoever watches the server has none of them.
    "pimms.probes.answer_probes",
    "pimms.outages.note_recovery",
    # First of pages, so that none leaves without it, static files and refusals included.
    "csp.middleware.CSPMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "pimms.privacy.keep_private",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "labelling.access.sessions.limit_sessions",
    "django.contrib.messages.middleware.MessageMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    # Once it is known who asks, before anything reads what was sent [S25].
    "pimms.posts.bound_posts",
    "pimms.second_factor.SecondFactorMiddleware",
    # After authentication: it notes who changes what.
    "simple_history.middleware.HistoryRequestMiddleware",
]

ROOT_URLCONF = "pimms.urls"
WSGI_APPLICATION = "pimms.wsgi.application"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ],
        },
    },
]

# What a file to import may weigh and hold, and for how long the bytes of an applied one are
# kept [S5, S8, S19].
IMPORT_LIMITS = {
    "upload": read_number("IMPORT_MEGABYTES", Limits.upload // MEGABYTE) * MEGABYTE,
    "rows": read_number("IMPORT_LINES", Limits.rows),
}
IMPORT_FILE_DAYS = read_number("IMPORT_FILE_DAYS", 90)

# What any request may weigh that brings no file; with one, see pimms/posts.py [S25].
DATA_UPLOAD_MAX_MEMORY_SIZE = 3 * MEGABYTE
DATA_UPLOAD_MAX_NUMBER_FILES = 10
FILE_UPLOAD_HANDLERS = ["pimms.posts.BoundedUpload"]
# For how many days the lines of the journal are kept [S27].
JOURNAL_DAYS = read_number("JOURNAL_DAYS", 365)


# Records

# How long a write waits for another one, whichever the database, before it says so [R1, R29].
LOCK_SECONDS = 20

# [R1] Taking the write lock at once, and waiting for it, loses no concurrent write.
# [R2] Without spilling, a big write keeps no reader waiting.
# [R21, R22] A power cut loses nothing; WAL corrupts before SQLite 3.51.3.
# [R31] A file is made in one piece.
SQLITE_OPTIONS = {
    "factory": Connection,
    "transaction_mode": "IMMEDIATE",
    "timeout": LOCK_SECONDS,
    "init_command": (
        "PRAGMA synchronous=FULL;"
        "PRAGMA journal_mode=DELETE;"
        "PRAGMA cache_spill=OFF;"
        "PRAGMA foreign_keys=ON"
    ),
}

# After how long PostgreSQL is lost that does not answer: while one connects, while one waits for
# an answer (seconds of silence, then three questions), while one sends (thousandths).
LOST_AFTER = {
    "connect_timeout": 5,
    "keepalives_idle": 10,
    "keepalives_interval": 5,
    "keepalives_count": 3,
    "tcp_user_timeout": 20_000,
}


def read_database() -> dict[str, Any]:
    """Return the database of DATABASE_URL, else a SQLite file of ours."""
    database: dict[str, Any] = {
        "ENGINE": "django.db.backends.sqlite3",
        "NAME": LOCAL_DIR / "network.sqlite3",
    }
    if url := os.environ.get("DATABASE_URL"):
        try:
            database = {**dj_database_url.parse(url)}
        except ValueError:
            # Neither the address nor the cause is repeated: they may hold a password.
            raise ImproperlyConfigured(
                "DATABASE_URL ne se lit pas : écrivez par exemple "
                "postgres://personne:mot-de-passe@machine:5432/nom, "
                "ou retirez-la pour garder le fichier SQLite."
            ) from None
        if database["ENGINE"].rpartition(".")[2] not in {"postgresql", "sqlite3"}:
            raise ImproperlyConfigured(
                f"DATABASE_URL commence par « {url.partition(':')[0]} », que l’application ne "
                "connaît pas : écrivez par exemple "
                "postgres://personne:mot-de-passe@machine:5432/nom, "
                "ou retirez-la pour garder le fichier SQLite."
            )
    if database["ENGINE"] == "django.db.backends.sqlite3":
        database["OPTIONS"] = {**database.get("OPTIONS", {}), **SQLITE_OPTIONS}
    else:
        options = database.setdefault("OPTIONS", {})
        # First, so that what the address asks for wins.
        waits = f"-c lock_timeout={LOCK_SECONDS}s {options.get('options', '')}"
        options["options"] = waits.strip()
        # A machine that is lost says nothing: nobody waits for it for long [R4].
        for name, value in LOST_AFTER.items():
            options.setdefault(name, value)
        database |= {"CONN_MAX_AGE": 60, "CONN_HEALTH_CHECKS": True}
    # [R2] A whole request must not hold the write lock: each writer opens its transaction.
    database["ATOMIC_REQUESTS"] = False
    return database


DATABASES = {"default": read_database()}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
FIXTURE_DIRS = [BASE_DIR / "fixtures"]

# Where backups are made each night, for how many days they are kept, and the second place that
# has them too [R20].
BACKUP_FOLDER = read_folder("BACKUP_FOLDER")
BACKUP_DAYS = read_number("BACKUP_DAYS", 30)
BACKUP_COPY_FOLDER = read_folder("BACKUP_COPY_FOLDER")


# Language: French, whatever the browser asks for (no LocaleMiddleware).

LANGUAGE_CODE = "fr"
LOCALE_PATHS = [BASE_DIR / "labelling" / "locale"]
TIME_ZONE = "Europe/Paris"
USE_TZ = True


# Mail: links to choose a password go by it where a server is named, and by hand elsewhere.

EMAIL_HOST = os.environ.get("EMAIL_HOST", "").strip()
EMAIL_PORT = read_number("EMAIL_PORT", 587)
EMAIL_HOST_USER = os.environ.get("EMAIL_HOST_USER", "")
EMAIL_HOST_PASSWORD = os.environ.get("EMAIL_HOST_PASSWORD", "")
# Never in clear, but to a server of this machine or of the house that asks for it.
EMAIL_USE_SSL = EMAIL_PORT == 465
EMAIL_USE_TLS = not EMAIL_USE_SSL and not is_on("EMAIL_IN_CLEAR")
EMAIL_TIMEOUT = 10
DEFAULT_FROM_EMAIL = (
    os.environ.get("EMAIL_FROM") or EMAIL_HOST_USER or "Réseau PIMMS <reseau-pimms@localhost>"
)


# Static files

STATIC_URL = "static/"
# A relative folder lies beside the code. The folder itself and not a link to it, which may lead to
# the files of another version before this one ends.
_STATIC_FOLDER = read_folder("STATIC_FOLDER") or LOCAL_DIR / "static"
STATIC_ROOT = (BASE_DIR / _STATIC_FOLDER).resolve()
WHITENOISE_ALLOW_ALL_ORIGINS = False
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"},
}


# Each record one line on stderr [S21, S22].

LOG_FORMAT = read_choice("LOG_FORMAT", FORMATS, default="text")
LOGGING = make_logging(LOG_FORMAT, level="INFO" if DEBUG else "WARNING")

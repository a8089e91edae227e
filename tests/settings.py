"""The settings under test: the house's own, in an environment that tests need.

tests/test_settings.py checks the others, in processes of their own.
"""

import os
import tempfile
from pathlib import Path

# What the developer's shell holds must not change a result; DATABASE_URL alone is wanted.
BACKUPS = ("BACKUP_FOLDER", "BACKUP_DAYS", "BACKUP_COPY_FOLDER")
for name in ("DEBUG", "ALLOWED_HOSTS", "EMAIL_HOST", "SECOND_FACTOR", *BACKUPS):
    os.environ.pop(name, None)
os.environ["SECRET_KEY"] = "tests-only-U1IhVEo0cUCiqLvW_ztDajfZaHVHNxZsTixmx1q4WW3-aZmhZ7Dq_w"
# The test client and the browser speak HTTP, like “make start”.
os.environ["PLAIN_HTTP"] = "yes"

from pimms.settings import *  # noqa: E402, F403
from pimms.settings import DATABASES, STORAGES  # noqa: E402

# Static files straight from the sources: nothing to collect first.
STORAGES = STORAGES | {
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}
}
WHITENOISE_AUTOREFRESH = WHITENOISE_USE_FINDERS = True

# A password that takes long to check makes a suite that takes long to run.
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]

# A file: in memory, several threads on one SQLite base lock each other out in ways of their own.
if DATABASES["default"]["ENGINE"] == "django.db.backends.sqlite3":
    folder = Path(tempfile.mkdtemp(prefix="pimms-tests-"))
    DATABASES["default"]["TEST"] = {"NAME": folder / "tests.sqlite3"}

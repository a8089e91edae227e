"""Take the base of `make demo` away, so that it begins anew; no other base is ever touched."""

from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.db import connection

BASE = settings.LOCAL_DIR / "demo.sqlite3"
LIST = settings.BASE_DIR / "fixtures" / "demonstration" / "liste-fs-20240801.csv"


class Command(BaseCommand):
    help = "Efface la base de la démonstration, et elle seule : « make demo » en fait une neuve."

    def handle(self, *args: Any, **options: Any) -> None:
        connection.close()
        take_away(connection.vendor, Path(connection.settings_dict["NAME"]))
        self.stdout.write(
            "\nDémonstration : la base est neuve, la vôtre n’est pas touchée.\n"
            f"  La liste à déposer : {LIST}\n"
            "  Le déroulé : docs/demo.md\n"
        )


def take_away(vendor: str, name: Path) -> None:
    """Delete the demonstration's file if it is the base of this name; else raise CommandError."""
    is_named = vendor == "sqlite" and name.absolute().resolve() == BASE.parent.resolve() / BASE.name
    # Another name of the real one.
    if not is_named or BASE.is_symlink() or (BASE.exists() and BASE.stat().st_nlink > 1):
        raise CommandError(
            "Cette commande efface une base, et celle-ci n’est pas celle de la "
            "démonstration\u00a0: lancez «\u00a0make demo\u00a0», sans DATABASE_URL. Rien n’a "
            "été effacé."
        )
    # With what SQLite keeps beside it: the rest of an old base would spoil the new one.
    for suffix in ("", "-journal", "-wal", "-shm"):
        BASE.with_name(BASE.name + suffix).unlink(missing_ok=True)

"""Whether a base is whole: its file, what points where, and what was validated and sent."""

from collections.abc import Callable, Iterator

from django.db import DatabaseError, connections

from labelling import text
from labelling.models import PressRelease, SentFile

# How many faults of a damaged file are told: the first ones say enough.
_FEW = 5

# PostgreSQL holds to its constraints by itself, but to those it was told not to look at.
_UNHELD = """
    SELECT 'L’index ' || indexrelid::regclass || ' est incomplet.'
    FROM pg_index WHERE NOT indisvalid
    UNION ALL
    SELECT 'La contrainte ' || quote_ident(conname) || ' de la table ' || conrelid::regclass
        || ' n’a pas été vérifiée.'
    FROM pg_constraint WHERE NOT convalidated
"""


def find_faults(using: str) -> list[str]:
    """What is wrong in the base of an alias, in sentences; none if it is whole.

    Its migrations must have been applied: it is read by the models of this version.
    """
    # What a damaged base holds is not worth reading.
    return find_damage(using) or _list_told(find_alterations, using)


def find_damage(using: str) -> list[str]:
    """What keeps the base of an alias from being read as it was written, in sentences."""
    for find in _FINDERS[connections[using].vendor]:
        if faults := _list_told(find, using):
            return faults
    return []


def find_alterations(using: str) -> Iterator[str]:
    """What a base that is whole holds, and is no longer as it was validated or sent."""
    yield from PressRelease.objects.using(using).word_alterations()
    yield from SentFile.objects.using(using).word_alterations()


def count_rows(using: str) -> dict[str, int]:
    """How many rows each table of the base of an alias has, each read from one end to the other."""
    connection = connections[using]
    with connection.cursor() as cursor:
        counts = {}
        for table in sorted(connection.introspection.table_names(cursor)):
            cursor.execute(f"SELECT COUNT(*) FROM {connection.ops.quote_name(table)}")  # noqa: S608
            (counts[table],) = cursor.fetchone()
    return counts


def _list_told(find: Callable[[str], Iterator[str]], using: str) -> list[str]:
    try:
        return list(find(using))
    except DatabaseError as error:
        # What a base says while it is read names a table or a page, not what it holds.
        cause = str(error).partition("\n")[0]
        return [text.typeset(f"La base ne se lit pas en entier : {cause}.")]


def _find_broken_pages(using: str) -> Iterator[str]:
    # By Django's connection: the constraints call functions that only it gives to SQLite.
    with connections[using].cursor() as cursor:
        cursor.execute(f"PRAGMA integrity_check({_FEW})")
        for (fault,) in cursor.fetchall():
            if fault != "ok":
                said = " ".join(fault.split())
                yield text.typeset(f"Le fichier de la base est abîmé : {said}.")


def _find_lost_references(using: str) -> Iterator[str]:
    with connections[using].cursor() as cursor:
        cursor.execute(
            'SELECT "table", parent, COUNT(*) FROM pragma_foreign_key_check() GROUP BY 1, 2'
        )
        for table, target, count in cursor.fetchall():
            lines = text.counted(count, "ligne")
            yield f"{lines} de la table {table} sans ce que la table {target} devrait contenir."


def _find_unheld_constraints(using: str) -> Iterator[str]:
    with connections[using].cursor() as cursor:
        cursor.execute(_UNHELD)
        for (sentence,) in cursor.fetchall():
            yield sentence


_FINDERS: dict[str, tuple[Callable[[str], Iterator[str]], ...]] = {
    "sqlite": (_find_broken_pages, _find_lost_references),
    "postgresql": (_find_unheld_constraints,),
}

"""What the bases of earlier versions have lived through. `make` runs it in a checkout of one."""

import sys
from datetime import UTC, date, datetime, time

import django
from django.core.management import call_command
from django.db import connection
from django.test import Client

PASSWORD = "une-base-d-hier"
EDITOR, MANAGER = "redaction@example.org", "responsable@example.org"
ACCOUNTS = {
    "consultation": "consultation@example.org",
    "rédaction": EDITOR,
    "responsable": MANAGER,
}
RECIPIENTS = "rédactions régionales, 120 destinataires"
SENT_FILE = b"%PDF-1.7 le communique tel qu'il est parti"


def tell() -> None:
    """Fill the base of DATABASE_URL, by the functions that the pages call."""
    call_command("prepare_database", stdout=sys.stderr)
    editor, manager = accounts()
    imports(editor, manager)
    edit_a_site(editor)
    erase_a_contact(editor, manager)
    send_a_release(editor, manager)
    connection.cursor().execute("VACUUM")


def accounts():
    from django.contrib.auth.models import Group, User

    for role, address in ACCOUNTS.items():
        names = {"first_name": "Prénom", "last_name": f"Nom de {role}"}
        person = User.objects.create_user(address, address, PASSWORD, is_staff=True, **names)
        person.groups.add(Group.objects.get(name=role))
    return User.objects.get(username=EDITOR), User.objects.get(username=MANAGER)


def imports(editor, manager) -> None:
    """One in preparation, one applied, one undone."""
    from labelling.spreadsheets.runs.undo import undo

    prepared(
        editor,
        "rentree.csv",
        "Nom;Département;Code postal;Labellisé le",
        "PIMMS de la Gare;30;30000;01/10/2021",
        "PIMMS Échirolles;Izère;38130;01/10/2021",
    )
    applied(
        editor,
        "notes.csv",
        "Nom;Département;Code postal;Note interne",
        "PIMMS Nîmes;30;30900;Note de l’import",
        "PIMMS Évry;91;91000;Note de l’import",
        "PIMMS Alès;30;30100;Créé par l’import",
    )
    undo(
        applied(editor, "erreur.csv", "Nom;Département;Commune", "PIMMS Vesoul;70;Vesoul"), manager
    )


def edit_a_site(editor) -> None:
    from labelling.models import Site

    site = Site.objects.get(name="PIMMS Nîmes")
    site.address, site._history_user = "1 rue de la Poste", editor
    site.save()


def erase_a_contact(editor, manager) -> None:
    """A person whom an import had added, and whom somebody had looked for and downloaded."""
    from labelling.models import PressContact

    applied(
        editor,
        "contacts.csv",
        "Nom;Téléphone",
        "Prénom Effacé;01 23 45 67 89",
        "Prénom Gardé;01 23 45 67 88",
        model_key="presscontact",
    )
    browser = Client(SERVER_NAME="localhost")
    browser.force_login(manager)
    for name in ("Effacé", "Gardé"):
        assert browser.post(f"/labelling/presscontact/download/csv/?q={name}").status_code == 200
    browser.logout()
    PressContact.objects.get(name="Prénom Effacé").delete()


def send_a_release(editor, manager) -> None:
    """The release of a wave, its letterhead, to whom it left, its file, and its rectificatif."""
    from labelling.models import Dispatch, LabellingWave, Letterhead, PressContact
    from labelling.press_release import dispatches, drafting, publishing

    Letterhead(name="Union nationale des PIMMS").save()
    at = datetime(2020, 1, 15, 9, tzinfo=UTC)
    draft = drafting.draft_original(
        LabellingWave.objects.get(slug="janvier-2020"), date(2020, 1, 15)
    )
    draft.contact = PressContact.objects.get(name="Prénom Gardé")
    draft._history_user = editor
    draft.save()
    seen = publishing.compute_digest(publishing.compose_final(draft))
    final = publishing.validate(draft, by=manager, at=at, seen=seen)
    left = Dispatch(
        release=final,
        left_on=date(2020, 1, 15),
        left_at=time(9, 30),
        channel="mail",
        recipients=RECIPIENTS,
    )
    seen = dispatches.make_token(final)
    sent = dispatches.note(final, [left], by=manager, at=datetime.now(UTC), seen=seen)
    publishing.attach(sent, name="communique.pdf", content=SENT_FILE, by=manager, at=at)
    drafting.prepare_erratum(sent, [], date(2020, 1, 20))


def prepared(author, name, *lines, **options):
    from labelling.spreadsheets.runs import preparation

    return preparation.prepare("\n".join(lines).encode(), name=name, author=author, **options)


def applied(author, name, *lines, **options):
    from labelling.spreadsheets.runs.apply import apply

    run = prepared(author, name, *lines, **options)
    apply(run, author)
    return run


if __name__ == "__main__":
    django.setup()
    tell()

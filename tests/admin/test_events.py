"""S27: every event of the journal is told aloud, with who did it, for whom and from where."""

import pytest

from labelling.admin.events import _WORDINGS, GROUPS, name_author, word_event
from labelling.choices import Event
from labelling.models import JournalEntry
from tests.factories import UserFactory

LEA, ANA, GONE = 12, 13, 14
NAMES = {LEA: "Léa Martin", ANA: "Ana Durand"}
HERE = {"from": "192.0.2.7"}

# What is noted, for whom, and the sentence; Ana does it.
TOLD = [
    (
        Event.SIGNED_IN,
        ANA,
        {"way": "password", "is_trusted": False, **HERE},
        "Connexion par mot de passe, depuis l’adresse 192.0.2.7",
    ),
    (
        Event.SIGNED_IN,
        ANA,
        {"way": "code", "is_trusted": True},
        "Connexion par mot de passe et code du téléphone, navigateur de confiance",
    ),
    (Event.SIGNED_IN, ANA, {"way": "passkey"}, "Connexion par empreinte ou clé"),
    (
        Event.SIGNED_IN,
        ANA,
        {"way": "recovery"},
        "Connexion par mot de passe et code de secours",
    ),
    (Event.SIGNED_IN, ANA, {}, "Connexion"),
    (Event.SIGNED_OUT, ANA, HERE, "Déconnexion, depuis l’adresse 192.0.2.7"),
    (
        Event.SIGN_IN_FAILED,
        LEA,
        {"scope": "stranger", **HERE},
        "Mot de passe refusé pour Léa Martin, depuis l’adresse 192.0.2.7",
    ),
    (
        Event.SIGN_IN_FAILED,
        None,
        {"scope": "stranger", **HERE},
        "Mot de passe refusé pour une adresse inconnue, depuis l’adresse 192.0.2.7",
    ),
    (Event.SIGN_IN_FAILED, ANA, {"scope": "known"}, "Mot de passe refusé"),
    (Event.SIGN_IN_FAILED, GONE, {"scope": "known"}, "Mot de passe refusé pour un accès effacé"),
    (Event.SIGN_IN_FAILED, LEA, {"scope": "factor"}, "Code refusé pour Léa Martin"),
    (Event.SIGN_IN_FAILED, None, {"scope": "passkey"}, "Empreinte ou clé refusée"),
    (
        Event.LOCKED,
        LEA,
        {"scope": "stranger", **HERE},
        (
            "Connexion bloquée pour Léa Martin après trop de mots de passe refusés, "
            "depuis l’adresse 192.0.2.7"
        ),
    ),
    (
        Event.LOCKED,
        LEA,
        {"scope": "factor"},
        "Connexion bloquée pour Léa Martin après trop de codes refusés",
    ),
    (
        Event.RIGHT_LENT,
        LEA,
        {"name": "Léa Martin", "until": "2026-08-31"},
        "Droit de valider prêté pour Léa Martin jusqu’au 31/08/2026",
    ),
    (Event.RIGHT_LENT, LEA, {"until": None}, "Droit de valider repris pour Léa Martin"),
    (
        Event.SENDING_TAKEN_BACK,
        None,
        {"release": "Communiqué du 14 octobre", "dispatches": ["13 octobre", "14 octobre"]},
        (
            "Marque «\u00a0Envoyé\u00a0» retirée de «\u00a0Communiqué du 14 octobre\u00a0», "
            "diffusions notées\u00a0: 13 octobre\u202f; 14 octobre"
        ),
    ),
    (
        Event.DISPATCH_REMOVED,
        None,
        {"release": "Communiqué du 14 octobre", "dispatch": "13 octobre", "reason": "Autre – a"},
        "Diffusion retirée de «\u00a0Communiqué du 14 octobre\u00a0» (13 octobre)\u00a0: Autre – a",
    ),
    (Event.UNLOCKED, LEA, {}, "Connexion débloquée pour Léa Martin"),
    (Event.SESSIONS_CLOSED, ANA, {}, "Autres sessions fermées"),
    (Event.SESSIONS_CLOSED, LEA, {}, "Sessions fermées pour Léa Martin"),
    (Event.PASSWORD_CHANGED, ANA, {"way": "page"}, "Mot de passe changé"),
    (Event.PASSWORD_CHANGED, ANA, {"way": "link"}, "Mot de passe choisi par le lien reçu"),
    (
        Event.PASSWORD_CHANGED,
        LEA,
        {"way": "command"},
        "Mot de passe refait par une commande pour Léa Martin",
    ),
    (
        Event.INVITED,
        GONE,
        {"name": "Éva Partie", "address": "eva@example.org"},
        "Invitation pour Éva Partie, eva@example.org",
    ),
    (Event.LINK_MADE, LEA, {"name": "Léa"}, "Lien pour un nouveau mot de passe pour Léa Martin"),
    (
        Event.ROLE_CHANGED,
        LEA,
        {"before": "consultation", "after": "responsable"},
        "Rôle changé pour Léa Martin\u00a0: Consultation → Responsable",
    ),
    (
        Event.ROLE_CHANGED,
        LEA,
        {"before": "", "after": "rédaction"},
        "Rôle changé pour Léa Martin\u00a0: aucun → Rédaction",
    ),
    (
        Event.ACCESS_CHANGED,
        LEA,
        {"is_open": False, "until": None},
        "Accès fermé pour Léa Martin",
    ),
    (Event.ACCESS_CHANGED, LEA, {"is_open": True, "until": None}, "Accès ouvert pour Léa Martin"),
    (
        Event.ACCESS_CHANGED,
        LEA,
        {"is_open": True, "until": "2027-08-31"},
        "Accès ouvert pour Léa Martin jusqu’au 31/08/2027",
    ),
    (
        Event.FACTOR_SET,
        ANA,
        {"kind": "totp"},
        "Seconde étape activée\u00a0: codes du téléphone",
    ),
    (
        Event.FACTOR_SET,
        ANA,
        {"kind": "webauthn"},
        "Seconde étape activée\u00a0: empreinte ou clé",
    ),
    (Event.FACTOR_SET, ANA, {"kind": "recovery_codes"}, "Nouveaux codes de secours"),
    (
        Event.FACTOR_REMOVED,
        ANA,
        {"kind": "totp"},
        "Seconde étape retirée\u00a0: codes du téléphone",
    ),
    (Event.FACTOR_REMOVED, ANA, {"kind": "recovery_codes"}, "Codes de secours retirés"),
    (Event.FACTOR_RESET, LEA, {"name": "Léa"}, "Seconde étape remise à zéro pour Léa Martin"),
    (
        Event.REFUSED,
        None,
        {"address": "/labelling/presscontact/", "method": "GET"},
        "Page refusée\u00a0: /labelling/presscontact/",
    ),
    (
        Event.REFUSED,
        None,
        {"address": "/labelling/site/names/", "method": "POST"},
        "Action refusée\u00a0: /labelling/site/names/",
    ),
    (
        Event.BACKED_UP,
        None,
        {"name": "network.gz", "size": 11_400_000, "is_copied": True},
        "Sauvegarde «\u00a0network.gz\u00a0» (12\u00a0Mo), copiée ailleurs",
    ),
    (
        Event.REHEARSED,
        None,
        {"name": "network.gz", "rows": 1},
        "Restauration répétée d’après «\u00a0network.gz\u00a0»\u00a0: 1\u00a0ligne retrouvée",
    ),
    (
        Event.TASK_FAILED,
        None,
        {"task": "back_up", "sentence": "Le disque est plein."},
        "La tâche «\u00a0Sauvegarde\u00a0» échoue. Le disque est plein.",
    ),
    (
        Event.TASK_RECOVERED,
        None,
        {"task": "rehearse_restore"},
        "La tâche «\u00a0Répétition de la restauration\u00a0» fonctionne de nouveau",
    ),
]


def entry_of(event, person=None, details=None, **more) -> JournalEntry:
    values = {"model_key": "user" if person else "", "record_id": person, "author_id": ANA}
    return JournalEntry(event=event, details=details or {}, **{**values, **more})


class TestASentence:
    """S27."""

    @pytest.mark.parametrize(("event", "person", "details", "sentence"), TOLD)
    def test_says_what_was_done_for_whom_and_from_where(self, event, person, details, sentence):
        assert word_event(entry_of(event, person, details), NAMES) == sentence

    @pytest.mark.parametrize(
        ("details", "sentence"),
        [
            ({"count": 1, "format": "csv"}, "1\u00a0contact téléchargé en CSV"),
            ({"count": 2, "format": "ods"}, "2\u00a0contacts téléchargés en LibreOffice"),
            (
                {"count": 1, "format": "csv", "searched": "l'Isère", "is_ticked": True},
                (
                    "1\u00a0contact téléchargé en CSV, recherche «\u00a0l’Isère\u00a0», "
                    "lignes cochées seulement"
                ),
            ),
            (
                {"count": 1, "format": "csv", "searched": "", "filters": ["fonction : Presse"]},
                "1\u00a0contact téléchargé en CSV, fonction\u00a0: Presse",
            ),
            (
                {"count": 1200, "format": "xlsx", "is_whole_base": True},
                "1\u202f200\u00a0contacts téléchargés en Excel, avec toutes les fiches",
            ),
            ({"told": "Une phrase d’avant"}, "Une phrase d’avant"),
        ],
    )
    def test_says_what_was_downloaded(self, details, sentence):
        assert word_event(entry_of(Event.DOWNLOAD, None, details)) == sentence

    def test_says_which_file_was_removed_and_why(self):
        details = {"name": "a.pdf", "release": "Communiqué du 14 octobre", "reason": "une adresse"}

        assert word_event(entry_of(Event.FILE_REMOVED, 3, details, model_key="pressrelease")) == (
            "Fichier «\u00a0a.pdf\u00a0» retiré de «\u00a0Communiqué du 14 octobre\u00a0»"
            "\u00a0: une adresse"
        )

    @pytest.mark.django_db
    def test_names_the_person_by_itself_where_it_stands_alone(self):
        lea = UserFactory(first_name="Léa", last_name="Martin")

        assert word_event(entry_of(Event.UNLOCKED, lea.pk)) == "Connexion débloquée pour Léa Martin"

    def test_exists_for_every_event(self):
        assert set(_WORDINGS) == set(Event)

    def test_is_given_to_every_event_here(self):
        told = {event for event, *_ in TOLD} | {Event.DOWNLOAD, Event.FILE_REMOVED}

        assert told == set(Event)

    def test_belongs_to_one_choice_of_the_filter(self):
        assert sorted(event for _, events in GROUPS.values() for event in events) == sorted(Event)


class TestWhoDidIt:
    """S27."""

    @pytest.mark.parametrize(
        ("event", "details", "who"),
        [
            (Event.SIGN_IN_FAILED, {}, "Une personne non connectée"),
            (Event.LOCKED, {}, "Une personne non connectée"),
            (Event.PASSWORD_CHANGED, {"way": "link"}, "Qui avait le lien"),
            (Event.PASSWORD_CHANGED, {"way": "command"}, "La ligne de commande"),
            (Event.INVITED, {}, "La ligne de commande"),
        ],
    )
    def test_is_said_where_nobody_signed_in(self, event, details, who):
        assert name_author(entry_of(event, LEA, details, author_id=None)) == who

    def test_is_a_name_that_outlives_the_account(self):
        entry = entry_of(Event.SIGN_IN_FAILED, author_id=None, author_name="Éva Partie")

        assert name_author(entry) == "Éva Partie"

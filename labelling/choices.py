"""The vocabularies that records choose from."""

from django.db import models


class SiteFormat(models.TextChoices):
    """How a site receives the public, in the State's vocabulary (its column ``format_fs``)."""

    FIXED = "fixed", "Lieu fixe"
    FIXED_WITH_ANTENNA = "fixed_with_antenna", "Lieu fixe avec antenne"
    SEVERAL_PLACES = "several_places", "Plusieurs lieux"
    BUS = "bus", "Bus ou équivalent"
    ITINERANT = "itinerant", "Itinérant"


class WithdrawalReason(models.TextChoices):
    """Why a label ended. Most ends are closures: no word here blames the member."""

    CLOSED = "closed", "Fermeture du site"
    TAKEN_OVER = "taken_over", "Reprise par une autre structure"
    MERGED = "merged", "Regroupement avec un autre site"
    RENOUNCED = "renounced", "Renoncement"
    REVOKED = "revoked", "Label retiré par l’État"
    MISTAKE = "mistake", "Inscrit par erreur"


class LabelStatus(models.TextChoices):
    """What a site is on a given date; computed, never stored."""

    CANDIDATE = "candidate", "Candidat"
    LABELLED = "labelled", "Labellisé"
    ENDED = "ended", "Fin de label"


class ReleaseStatus(models.TextChoices):
    """Where a press release stands; its content is frozen from FINAL on."""

    DRAFT = "draft", "Brouillon"
    FINAL = "final", "Version définitive"
    SENT = "sent", "Envoyé"
    # A final version that was never sent, and whose corrected version is final now.
    REPLACED = "replaced", "Remplacé"


class ReleaseKind(models.TextChoices):
    """What a press release is for: to announce a wave, or to correct the one that did."""

    ORIGINAL = "original", "Communiqué"
    ERRATUM = "erratum", "Rectificatif"
    REPLACEMENT = "replacement", "Annule et remplace"


class Channel(models.TextChoices):
    """By which way a release left."""

    MAIL = "mail", "Courriel"
    AGENCY = "agency", "Agence de presse"
    SITE = "site", "Dépôt sur un site"
    HAND = "hand", "Remise en main propre"
    OTHER = "other", "Autre moyen"


class ReadingAnswer(models.TextChoices):
    """What who read a draft says of it."""

    READ = "read", "Relu"
    REVIEW = "review", "À revoir"


class ReadingWay(models.TextChoices):
    """By which way an answer to a reading came."""

    HERE = "here", "Dans cet outil"
    MAIL = "mail", "Courriel"
    PHONE = "phone", "Téléphone"


class PastRelease(models.TextChoices):
    """What became of the release of a wave that has none here."""

    SENT = "sent", "Communiqué diffusé avant cet outil"
    NONE = "none", "Pas de communiqué pour cette vague"


class Seriousness(models.TextChoices):
    """What a finding of quality is, the most serious first."""

    WRONG = "wrong", "Faux"
    DOUBTFUL = "doubtful", "À vérifier"
    LACKING = "lacking", "À compléter"


class LogoType(models.TextChoices):
    """The pictures that every format prints, by their media type."""

    PNG = "image/png", "PNG"
    JPEG = "image/jpeg", "JPEG"


class Verdict(models.TextChoices):
    """What a person says of a difference between a sent release and the records."""

    ERROR = "error", "Erreur à rectifier"
    EVOLUTION = "evolution", "Évolution depuis"


class ImportStatus(models.TextChoices):
    PREPARING = "preparing", "En préparation"
    APPLIED = "applied", "Appliqué"
    UNDONE = "undone", "Annulé"


class RowState(models.TextChoices):
    """What a line would do. A line put aside keeps its state, and does nothing."""

    NEW = "new", "Nouvelles"
    CHANGED = "changed", "Modifiées"
    UNCHANGED = "unchanged", "Inchangées"
    WRONG = "wrong", "À corriger"
    WHICH = "which", "Quel site\u202f?"
    MAYBE = "maybe", "Du réseau\u202f?"
    OUTSIDE = "outside", "Hors réseau"


class Match(models.TextChoices):
    """How the record that a line speaks of was recognised."""

    NONE = "", "–"
    KEY = "key", "Fiche indiquée par notre propre tableur"
    STATE_ID = "state_id", "Numéro France Services"
    NAME = "name", "Même nom dans le même département"
    PERSON = "person", "Choisi par une personne"


class Event(models.TextChoices):
    """What people do that no record shows; the journal holds it."""

    DOWNLOAD = "download", "Téléchargement"
    SIGNED_IN = "signed_in", "Connexion"
    SIGN_IN_FAILED = "sign_in_failed", "Connexion refusée"
    LOCKED = "locked", "Blocage après trop d’essais"
    UNLOCKED = "unlocked", "Déblocage"
    SIGNED_OUT = "signed_out", "Déconnexion"
    SESSIONS_CLOSED = "sessions_closed", "Sessions fermées"
    PASSWORD_CHANGED = "password_changed", "Mot de passe changé"
    INVITED = "invited", "Invitation"
    LINK_MADE = "link_made", "Lien pour un nouveau mot de passe"
    ROLE_CHANGED = "role_changed", "Changement de rôle"
    ACCESS_CHANGED = "access_changed", "Accès ouvert ou fermé"
    RIGHT_LENT = "right_lent", "Droit de valider prêté ou repris"
    FACTOR_SET = "factor_set", "Seconde étape activée"
    FACTOR_REMOVED = "factor_removed", "Seconde étape retirée"
    FACTOR_RESET = "factor_reset", "Seconde étape remise à zéro"
    REFUSED = "refused", "Page refusée"
    FILE_REMOVED = "file_removed", "Fichier envoyé retiré"
    DISPATCH_REMOVED = "dispatch_removed", "Diffusion retirée"
    SENDING_TAKEN_BACK = "sending_taken_back", "Marque « Envoyé » retirée"
    BACKED_UP = "backed_up", "Sauvegarde"
    REHEARSED = "rehearsed", "Restauration répétée"
    TASK_FAILED = "task_failed", "Tâche en échec"
    TASK_RECOVERED = "task_recovered", "Tâche rétablie"


class TimedTask(models.TextChoices):
    """What a timer runs, by the name of its command."""

    BACK_UP = "back_up", "Sauvegarde"
    REHEARSE_RESTORE = "rehearse_restore", "Répétition de la restauration"
    PURGE_IMPORTS = "purge_imports", "Effacement des anciens imports"
    CLEAR_SESSIONS = "clearsessions", "Effacement des sessions finies"
    CHECK_RELEASES = "check_releases", "Vérification des communiqués"


class RemovalReason(models.TextChoices):
    """Why a file that was attached to a sent release is removed."""

    MISTAKEN = "mistaken", "Joint par erreur"
    OTHER_RELEASE = "other_release", "Il va avec un autre communiqué"
    TWICE = "twice", "Joint deux fois"
    PERSONAL = "personal", "Il contient des données personnelles"
    OTHER = "other", "Autre motif"


class DispatchRemovalReason(models.TextChoices):
    """Why a line of the journal de diffusion is removed."""

    MISTAKEN = "mistaken", "Notée par erreur"
    OTHER_RELEASE = "other_release", "Elle va avec un autre communiqué"
    TWICE = "twice", "Notée deux fois"
    PERSONAL = "personal", "Elle nomme des personnes"
    OTHER = "other", "Autre motif"


class Decision(models.TextChoices):
    """Which value of a cell stands, in the words of the buttons."""

    FILE = "file", "Prendre la valeur du fichier"
    OURS = "ours", "Garder la nôtre"
    ALWAYS = "always", "Toujours garder la nôtre"

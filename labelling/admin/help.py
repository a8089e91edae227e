"""« Aide »: ten tasks in the very words of the buttons, and which of them belongs to a page.

In a step, what stands between two stars on either side is the words of a button, a link or a
heading, or how they begin; `page` is the address where they stand. A test finds them there.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

from django.contrib import admin
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed
from django.template.response import TemplateResponse
from django.urls import reverse

from labelling import text
from labelling.access.keepers import RIGHT
from labelling.spreadsheets.runs import rights

_READ = ("GET", "HEAD")


@dataclass(frozen=True)
class Step:
    """A line of a task. `page` is the name of the address that has its buttons, if it has any."""

    words: str
    page: str = ""
    # Without these it is left out.
    permissions: tuple[str, ...] = ()

    @property
    def parts(self) -> list[str]:
        """Its words, each second part those of a button."""
        return text.typeset(self.words).split("**")

    @property
    def buttons(self) -> list[str]:
        return self.parts[1::2]


@dataclass(frozen=True, kw_only=True)
class Task:
    """What people come to do, in five lines; `pages` are those that lead to it."""

    key: str
    title: str
    steps: tuple[Step, ...]
    pages: frozenset[str]
    # Without these it is not told.
    permissions: tuple[str, ...]


def _list_pages(model: str, *pages: str) -> Iterator[str]:
    return (f"labelling_{model}_{page}" for page in pages)


_RECORDS = (
    "site",
    "association",
    "labellingwave",
    "presscontact",
    "pressrelease",
    "letterhead",
    "region",
    "department",
)
_TO_PREPARE = ("labelling.add_pressrelease", "labelling.change_pressrelease")

TASKS = (
    Task(
        key="importer",
        title="Importer un tableur",
        permissions=(rights.IMPORT,),
        pages=frozenset(_list_pages("importrun", "changelist", "add", "undo")),
        steps=(
            Step(
                "Dans le menu, **Imports**, puis **Importer un tableur**.",
                "labelling_importrun_changelist",
            ),
            Step(
                "Déposez le fichier ou collez les lignes, puis **Voir ce que cela changerait** : "
                "rien n’est encore modifié.",
                "labelling_importrun_add",
            ),
            Step("Répondez à ce que la page demande : la tâche suivante dit comment."),
            Step(
                "**Appliquer**, en bas de la page, écrit ce qui est montré, et rien d’autre.",
                "labelling_importrun_change",
            ),
            Step(
                "Pour revenir en arrière, sur la page de l’import : **Annuler cet import…** dit "
                "d’abord ce qui sera remis.",
                "labelling_importrun_change",
            ),
        ),
    ),
    Task(
        key="lignes",
        title="Répondre aux lignes d’un import",
        permissions=(rights.IMPORT,),
        pages=frozenset(_list_pages("importrun", "change", "learned")),
        steps=(
            Step(
                "Les onglets trient les lignes : ouvrez **À corriger**, puis **Quel site ?**.",
                "labelling_importrun_change",
            ),
            Step(
                "Écrivez la bonne valeur dans la cellule signalée, puis la touche Entrée. Si la "
                "même revient ailleurs : **Remplacer partout**.",
                "labelling_importrun_change",
            ),
            Step(
                "Pour une valeur que le fichier change : **Garder la nôtre** la laisse comme elle "
                "est sur la fiche.",
                "labelling_importrun_change",
            ),
            Step(
                "Pour décider plus tard : **Mettre de côté** ; le reste peut s’appliquer.",
                "labelling_importrun_change",
            ),
            Step(
                "Pour les rendre à qui a fait le fichier : **Télécharger les lignes à corriger**.",
                "labelling_importrun_change",
            ),
        ),
    ),
    Task(
        key="label",
        title="Attribuer le label, ou y mettre fin",
        permissions=("labelling.change_site",),
        pages=frozenset(
            (
                *_list_pages("site", "changelist", "add", "change", "label", "end_label"),
                *_list_pages("association", "changelist", "add", "change"),
                *_list_pages("labellingwave", "changelist", "add", "change", "sites"),
            )
        ),
        steps=(
            Step(
                "Dans le menu, **Sites** : cochez-les ; **Attribuer le label…** et **Mettre fin au "
                "label…** paraissent en bas.",
                "labelling_site_changelist",
            ),
            Step(
                "Choisissez la vague ; le bouton « **Attribuer le label à** » dit à combien de "
                "sites.",
                "labelling_site_label",
            ),
            Step(
                "Donnez le jour et le motif ; le bouton « **Mettre fin au label de** » dit de "
                "combien de sites.",
                "labelling_site_end_label",
            ),
            Step(
                "Pour tous ceux d’une association : sur sa page, **Mettre fin au label de ces "
                "sites…**",
                "labelling_association_change",
            ),
            Step(
                "Un site reste dans les listes d’avant ce jour : ne le supprimez pas. Si c’est une "
                "erreur, **Annuler**, dans le message qui suit, remet tout.",
                "labelling_site_changelist",
            ),
        ),
    ),
    Task(
        key="communique",
        title="Préparer, relire, valider et envoyer un communiqué",
        permissions=_TO_PREPARE,
        pages=frozenset(
            (
                *_list_pages("labellingwave", "press_release"),
                *_list_pages("pressrelease", "changelist", "add", "change", "document", "validate"),
                *_list_pages("pressrelease", "send", "mail", "take_back", "word"),
                *_list_pages("presscontact", "changelist", "add", "change", "replace"),
                *_list_pages("letterhead", "changelist", "add", "change"),
            )
        ),
        steps=(
            Step(
                "Dans le menu, **Vagues**, la vague, puis **Préparer le communiqué**.",
                "labelling_labellingwave_change",
            ),
            Step("Complétez le brouillon, puis **Enregistrer**.", "labelling_pressrelease_change"),
            Step(
                "**Demander une relecture** à un collègue ; ou faites relire en **Word** : "
                "**Reprendre un Word corrigé** compare ce qui revient.",
                "labelling_pressrelease_document",
            ),
            Step(
                "**Valider la version définitive…** fige le texte ; envoyez vous-même le **PDF** "
                "à la presse.",
                "labelling_pressrelease_document",
            ),
            Step(
                "**Marquer comme envoyé…** note le jour, le moyen et à qui.",
                "labelling_pressrelease_document",
            ),
        ),
    ),
    Task(
        key="rectifier",
        title="Rectifier un communiqué envoyé",
        permissions=_TO_PREPARE,
        pages=frozenset(_list_pages("pressrelease", "changes")),
        steps=(
            Step("Corrigez d’abord les fiches qui sont fausses."),
            Step(
                "Sur la page du communiqué, **Ce qui a changé depuis**.",
                "labelling_pressrelease_document",
            ),
            Step(
                "Pour chaque différence, **Erreur à rectifier** ou **Évolution depuis**.",
                "labelling_pressrelease_changes",
            ),
            Step(
                "**Préparer un rectificatif** reprend les erreurs.",
                "labelling_pressrelease_changes",
            ),
            Step("Le rectificatif se relit, se valide et s’envoie comme un communiqué."),
        ),
    ),
    Task(
        key="presse",
        title="Donner la liste, la carte ou la page pour le conseil",
        permissions=("labelling.view_site", "labelling.export_site"),
        pages=frozenset(
            (
                *_list_pages("region", "changelist", "add", "change"),
                *_list_pages("department", "changelist", "add", "change"),
            )
        ),
        steps=(
            Step("À l’accueil, **Liste pour la presse** : celle du jour.", "index"),
            Step(
                "Pour une région : dans le menu, **Sites**, filtrez par **Région**, puis "
                "**Télécharger** : la liste pour la presse est la première.",
                "labelling_site_changelist",
            ),
            Step(
                "À l’accueil, sous la carte : **SVG, à imprimer** ou **PNG, pour le web**.", "index"
            ),
            Step("**Télécharger la page pour le conseil** : les chiffres en une page.", "index"),
            Step(
                "**Situation au** donne les mêmes chiffres à un autre jour ; **Afficher**.", "index"
            ),
        ),
    ),
    Task(
        key="editions",
        title="Préparer les éditions régionales",
        permissions=_TO_PREPARE,
        pages=frozenset(_list_pages("pressrelease", "editions", "edition")),
        steps=(
            Step(
                "Sur la page du communiqué, **Éditions régionales**.",
                "labelling_pressrelease_document",
            ),
            Step(
                "Cochez les régions ; **Titre, chapô et contact local** se changent une à une.",
                "labelling_pressrelease_editions",
            ),
            Step("**Enregistrer les éditions**.", "labelling_pressrelease_editions"),
            Step("Elles sont figées avec le communiqué, quand il est validé."),
            Step("**Tout télécharger en ZIP** les donne.", "labelling_pressrelease_editions"),
        ),
    ),
    Task(
        key="noms",
        title="Relire les noms, et réunir deux fiches en une",
        permissions=("labelling.change_site",),
        pages=frozenset(
            (
                *_list_pages("site", "names", "findings", "settle", "merge"),
                *_list_pages("association", "attach"),
            )
        ),
        steps=(
            Step(
                "À l’accueil, dans « À faire », **Relire les noms** ; s’il n’y est pas, tous sont "
                "relus.",
                "index",
            ),
            Step(
                "Écrivez le nom que la presse lira, s’il en faut un autre, puis **Accepter les "
                "noms cochés** ; ou **Accepter**, pour un seul.",
                "labelling_site_names",
            ),
            Step(
                "**Enregistrer seulement les corrections** laisse les autres pour plus tard.",
                "labelling_site_names",
            ),
            Step(
                "Pour deux fiches d’une même association : sur l’une, **Rattacher ses sites à une "
                "autre association…**",
                "labelling_association_change",
            ),
            Step(
                "Pour deux fiches d’un même site : sur l’une, **Fusionner avec un autre site…**",
                "labelling_site_change",
                ("labelling.delete_site",),
            ),
        ),
    ),
    Task(
        key="historique",
        title="Retrouver une fiche, ce qu’elle disait, ou celle qui a été supprimée",
        permissions=("labelling.view_site",),
        pages=frozenset(
            (
                *(page for model in _RECORDS for page in _list_pages(model, "history", "delete")),
                *_list_pages("site", "deleted", "deleted_record"),
                "search",
            )
        ),
        steps=(
            Step(
                "**Chercher partout**, en haut de chaque page : le début d’un mot suffit.", "index"
            ),
            Step(
                "Sur la fiche, **Historique** : qui a changé quoi, quand.", "labelling_site_change"
            ),
            Step(
                "**Revenir à cette version** remet la fiche comme elle était. Juste après un "
                "enregistrement, **Annuler**, dans le message.",
                "labelling_site_history",
                ("labelling.change_site",),
            ),
            Step(
                "Pour une fiche supprimée : **Fiches supprimées**, au-dessus de sa liste.",
                "labelling_site_changelist",
            ),
            Step(
                "Ouvrez-la, puis **Remettre** : si sa place est prise, la page dit par quoi.",
                "labelling_site_deleted_record",
                ("labelling.add_site",),
            ),
        ),
    ),
    Task(
        key="acces",
        title="Donner un accès, et savoir de quand date la sauvegarde",
        permissions=(f"auth.{RIGHT}",),
        pages=frozenset(
            (
                *(f"auth_user_{page}" for page in ("changelist", "add", "change", "history")),
                *(f"auth_user_{page}" for page in ("link", "reset_factor")),
                *_list_pages("journalentry", "changelist"),
            )
        ),
        steps=(
            Step(
                "Dans le menu, **Accès**, puis **Inviter une personne** : le lien que vous lui "
                "transmettez lui fait choisir son mot de passe.",
                "auth_user_changelist",
            ),
            Step(
                "Sur sa fiche, **Rôle** dit ce qu’elle peut faire ; à son départ, décochez "
                "**Accès ouvert**.",
                "auth_user_change",
            ),
            Step(
                "Sur sa fiche aussi, **Mot de passe oublié : faire un lien…** lui en fait choisir "
                "un autre.",
                "auth_user_change",
            ),
            Step(
                "À l’accueil, **Sauvegardes** : la dernière, et ce qui échoue ; **Sauvegardes et "
                "tâches, dans le journal** dit les précédentes.",
                "index",
            ),
            Step("Pour en restaurer une, demandez à la personne qui tient le serveur."),
        ),
    ),
)

_TASK_OF = {page: task for task in TASKS for page in task.pages}


def list_tasks(user: Any) -> list[Task]:
    """The tasks that a person may do, with the lines they may follow: nothing is told of others."""
    return [
        replace(task, steps=tuple(s for s in task.steps if user.has_perms(s.permissions)))
        for task in TASKS
        if user.has_perms(task.permissions)
    ]


def locate_help(request: HttpRequest) -> str:
    """Where the page that was asked for is explained; the top, if it has no task of its own."""
    page = request.resolver_match and request.resolver_match.url_name
    task = _TASK_OF.get(page or "")
    is_told = task is not None and request.user.has_perms(task.permissions)
    return reverse("help") + (f"#{task.key}" if task and is_told else "")


def help_view(request: HttpRequest) -> HttpResponse:
    if request.method not in _READ:
        return HttpResponseNotAllowed(_READ)
    tasks = list_tasks(request.user)
    context = {
        **admin.site.each_context(request),
        "title": "Aide",
        "tasks": tasks,
        "is_all": len(tasks) == len(TASKS),
    }
    return TemplateResponse(request, "labelling/help.html", context)

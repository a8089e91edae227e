"""What a Word file may cost, and the sentences that refuse one."""

from dataclasses import dataclass

from labelling.sandbox.limits import MEGABYTE, Ceilings, Refusals

_SAVE_AGAIN = (
    "Ouvrez-le dans Word ou LibreOffice, enregistrez-le au format « Document Word (.docx) », puis"
    " déposez cette copie."
)
REFUSALS = Refusals(
    damaged=f"Ce document est incomplet ou abîmé. {_SAVE_AGAIN}",
    unusual=(
        f"Ce document n’est pas rangé comme le fait un traitement de texte ({{}}). {_SAVE_AGAIN}"
    ),
    protected=(
        "Ce document est protégé par un mot de passe. Ouvrez-le, retirez le mot de passe,"
        " enregistrez-le, puis déposez-le à nouveau."
    ),
    unpacked=(
        "Une fois décompressé, ce document dépasse {} Mo. Retirez-en les images, puis déposez-le à"
        " nouveau."
    ),
    too_heavy=(
        "Ce document demande trop de mémoire ou de temps pour être lu. Il est bien plus long qu’un"
        " communiqué : vérifiez que c’est le bon fichier."
    ),
)
MACROS = (
    "Ce document contient des macros. Enregistrez-le au format « Document Word (.docx) », sans"
    " macros, puis déposez cette copie."
)
NOT_WORD = "Ce fichier n’est pas un document Word. Déposez le fichier Word (.docx) corrigé."
OPENDOCUMENT = (
    "Ce fichier est un document texte de LibreOffice (.odt). Enregistrez-le au format « Document"
    " Word (.docx) », puis déposez cette copie."
)
OLD_WORD = (
    "Ce fichier est un document Word d’avant 2007, ou protégé par un mot de passe. Enregistrez-le"
    " au format « Document Word (.docx) », sans mot de passe, puis déposez cette copie."
)
EMBEDDED = "un autre document y est incorporé"


@dataclass(frozen=True)
class WordLimits(Ceilings):
    """Ceilings for one Word file; a list of 5,000 sites has 25,000 paragraphs."""

    unpacked: int = 32 * MEGABYTE
    paragraphs: int = 60_000
    passages: int = 1_500  # Outside tables: each is compared with those of the release.
    rows: int = 20_000
    changes: int = 20_000
    characters: int = 2 * MEGABYTE
    memory: int = 512 * MEGABYTE

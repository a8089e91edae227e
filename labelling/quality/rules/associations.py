"""What is wrong with associations."""

from django.db.models import Exists, OuterRef, QuerySet

from labelling.models import Association, Site
from labelling.quality.findings import Finding


def find_associations_without_sites(associations: QuerySet[Association]) -> list[Finding]:
    """Q019: an association runs no site, and never ran one that is kept here.

    OK =>  a site, be it a candidate or one whose label ended
    NOK => none
    """
    own = Site.objects.filter(association=OuterRef("pk"))
    return [
        Finding(
            rule="Q019",
            record=association,
            facts=(),
            field="name",
            title="Cette association n’a aucun site.",
            advice="Rattachez-lui les siens, ou supprimez-la.",
        )
        for association in associations.exclude(Exists(own))
    ]

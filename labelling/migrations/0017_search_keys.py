"""Releases are found by their name and day, sites by their street, contacts by their number."""

import re

from django.db import migrations

from labelling import text

_PER_BATCH = 500
_BETWEEN_DIGITS = re.compile(r"[\s.-]")


def _list_site_words(site):
    return (
        site.name,
        site.state_name,
        site.commune,
        site.postcode,
        site.france_services_id,
        site.address,
        site.commune_code,
    )


def _list_contact_words(contact):
    figures = _BETWEEN_DIGITS.sub("", contact.phone)
    return (
        contact.name,
        contact.role,
        contact.organisation,
        contact.phone,
        figures,
        contact.email,
    )


def _list_release_words(release):
    kind = "Rectificatif" if release.kind == "erratum" else "Communiqué"
    name = f"{kind} du {text.long_date(release.issued_on)}"
    if release.kind == "replacement":
        name = f"{name}, annule et remplace"
    if release.status == "replaced":
        name = f"{name} (remplacé)"
    title = release.content["title"] if release.content else release.own_title
    return (name, text.short_date(release.issued_on), str(title), release.place, release.brand)


_WORDS = {
    "Site": _list_site_words,
    "PressContact": _list_contact_words,
    "PressRelease": _list_release_words,
}


def compute_keys(apps, schema_editor):
    for name, list_words in _WORDS.items():
        records = apps.get_model("labelling", name)._base_manager
        longest = records.model._meta.get_field("search_key").max_length
        keys = list(records.order_by("pk").values_list("pk", flat=True))
        for first in range(0, len(keys), _PER_BATCH):
            batch = list(records.filter(pk__in=keys[first : first + _PER_BATCH]))
            for record in batch:
                record.search_key = text.search_key(*list_words(record))[:longest]
            records.bulk_update(batch, ["search_key"])


class Migration(migrations.Migration):

    dependencies = [('labelling', '0016_proofreadings')]

    operations = [
        migrations.RunPython(compute_keys, migrations.RunPython.noop, elidable=False),
    ]

"""Releases are found by their title too."""

from django.db import migrations

from labelling import text


def add_titles(apps, schema_editor):
    releases = apps.get_model("labelling", "PressRelease")._base_manager
    for release in releases.order_by("pk"):
        title = release.content["title"] if release.content else release.own_title
        words = text.search_key(title, release.place, release.brand)
        longest = release._meta.get_field("search_key").max_length
        releases.filter(pk=release.pk).update(search_key=words[:longest])


class Migration(migrations.Migration):

    dependencies = [("labelling", "0010_upkeep")]

    operations = [migrations.RunPython(add_titles, migrations.RunPython.noop, elidable=True)]

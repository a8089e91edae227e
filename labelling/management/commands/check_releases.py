"""Recompute the digests of what was frozen, and say what is no longer as it was."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError

from labelling import text
from labelling.choices import TimedTask
from labelling.models import PressRelease, SentFile
from labelling.quality import find_altered_releases
from labelling.upkeep.standing import watched


class Command(BaseCommand):
    help = "Recalcule l’empreinte des communiqués validés et des fichiers envoyés."

    @watched(TimedTask.CHECK_RELEASES)
    def handle(self, *args: Any, **options: Any) -> None:
        releases = PressRelease.objects.frozen()
        faults = [finding.sentence for finding in find_altered_releases(releases.iterator())]
        faults += SentFile.objects.word_alterations()
        if faults:
            raise CommandError("\n".join(faults))
        if options["verbosity"]:
            count = releases.count()
            checked = text.counted(count, "communiqué vérifié", "communiqués vérifiés")
            whole = text.plural(count, "intact")
            self.stdout.write(text.typeset(f"{checked} : {whole}."))

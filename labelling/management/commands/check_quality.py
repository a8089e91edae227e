"""Say what quality finds of the records, and fail if it finds anything."""

import json
from collections.abc import Sequence
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from labelling import text
from labelling.quality import Group, group_findings


class Command(BaseCommand):
    help = "Dit ce qui est à vérifier dans les fiches ; se termine par 1 s’il y a quelque chose."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--format", choices=("text", "json"), default="text", help="comment le résultat est dit"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        groups = group_findings(timezone.localdate())
        if options["format"] == "json":
            self.stdout.write(json.dumps(_describe(groups), ensure_ascii=False, indent=2))
        else:
            self._show(groups)
        if count := sum(len(group.findings) for group in groups):
            raise CommandError(f"{text.counted(count, 'signalement')}.")

    def _show(self, groups: Sequence[Group]) -> None:
        for group in groups:
            count = text.number(len(group.findings))
            head = f"{group.rule} {group.name} ({text.lowered(group.seriousness.label)}) : {count}"
            self.stdout.write(text.typeset(head))
            for finding in group.findings:
                self.stdout.write(text.typeset(f"  {finding.record} : {finding.sentence}"))
        if not groups:
            self.stdout.write("Rien à signaler.")


def _describe(groups: Sequence[Group]) -> list[dict[str, Any]]:
    """What a program reads of them."""
    return [
        {
            "rule": group.rule,
            "name": group.name,
            "seriousness": group.seriousness.value,
            "model": group.model._meta.model_name,
            "findings": [
                {
                    "record": finding.record.pk,
                    "label": str(finding.record),
                    "field": finding.field or None,
                    "title": finding.title,
                    "evidence": finding.evidence,
                    "advice": finding.advice,
                }
                for finding in group.findings
            ],
        }
        for group in groups
    ]

"""The templates of the libraries that ours replace whole are still those ours were made from.

What a new version adds to an original (a token, a label for screen readers) does not reach a page
that replaces it, unless somebody looks.
"""

import hashlib
import tomllib
from importlib.metadata import packages_distributions, version
from pathlib import Path

import pytest
from django.apps import AppConfig, apps

TABLE = Path(__file__).with_name("replaced_templates.toml")
OURS = Path("labelling/templates")


def originals(apps: list[AppConfig]) -> dict[str, tuple[AppConfig, Path]]:
    """By name, what each template of our application replaces, and the application it is of."""
    ours, *others = [(app, Path(app.path, "templates")) for app in apps]
    assert ours[0].label == "labelling"
    found = {}
    for template in ours[1].rglob("*.*"):
        name = template.relative_to(ours[1])
        theirs = [(app, folder / name) for app, folder in others if (folder / name).is_file()]
        if theirs:
            found[name.as_posix()] = theirs[0]
    return found


REPLACED = originals(list(apps.get_app_configs()))


@pytest.fixture(scope="module")
def known() -> dict[str, dict[str, str]]:
    return tomllib.loads(TABLE.read_text())


class TestReplacedTemplates:
    @pytest.mark.parametrize("name", sorted(REPLACED))
    def test_are_made_from_the_original_that_is_installed(self, name, known):
        app, original = REPLACED[name]
        digest = hashlib.sha256(original.read_bytes()).hexdigest()
        (library, *_) = packages_distributions()[app.name.partition(".")[0]]

        assert digest in known.get(name, {}).values(), (
            f"{OURS / name} was not compared with the {name} of {library} {version(library)}. "
            f"Compare it with {original}, take over what is wanted, then write in {TABLE.name}, "
            f'under ["{name}"]: "{library} {version(library)}" = "{digest}"'
        )

    def test_are_the_only_ones_in_the_table(self, known):
        assert set(known) - set(REPLACED) == set(), f"Remove from {TABLE.name} what replaces none."

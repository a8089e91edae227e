"""The locks answer all that pip asks, so that what it installs is what was tried."""

import tomllib
from collections.abc import Iterable, Iterator
from importlib.metadata import PackageNotFoundError, distribution, version
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).parents[1]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
RUNTIME = PROJECT["project"]["dependencies"]
LOCKS = {
    "requirements.txt": RUNTIME,
    "requirements-dev.txt": RUNTIME + PROJECT["dependency-groups"]["dev"],
}


def unanswered(lock: str, asked: Iterable[str]) -> list[str]:
    """What the project or an installed distribution requires here and the lock does not give.

    pip takes only a pin that has the very extras: without them it turns to the newest release,
    whose digests it cannot know.
    """
    pins = {canonicalize_name(pin.name): pin for pin in pins_of(lock)}
    required = [("the project", text, {""}) for text in asked]
    for pin in pins.values():
        required += [(pin.name, text, {"", *pin.extras}) for text in requirements_of(pin)]
    missing = []
    for who, text, extras in required:
        wanted = Requirement(text)
        if wanted.marker and not any(wanted.marker.evaluate({"extra": extra}) for extra in extras):
            continue
        pin = pins.get(canonicalize_name(wanted.name))
        if pin is None or not wanted.extras <= pin.extras or not is_pinned(pin, wanted):
            missing.append(f"{who} asks for {text}, the lock has {pin}")
    return missing


def pins_of(lock: str) -> Iterator[Requirement]:
    """The lines that speak of this machine: one lock serves them all."""
    for line in lock.splitlines():
        if line and line[0] not in " #":
            pin = Requirement(line.removesuffix("\\"))
            if pin.marker is None or pin.marker.evaluate():
                yield pin


def requirements_of(pin: Requirement) -> list[str]:
    """What the distribution says that it requires, if that very version is installed."""
    try:
        installed = distribution(pin.name)
    except PackageNotFoundError:
        return []
    return (installed.requires or []) if pin.specifier.contains(installed.version) else []


def is_pinned(pin: Requirement, wanted: Requirement) -> bool:
    [(operator, number)] = [(one.operator, one.version) for one in pin.specifier]
    return operator == "==" and wanted.specifier.contains(number, prereleases=True)


@pytest.mark.parametrize("name", LOCKS)
class TestEachLock:
    def test_answers_all_that_is_asked_of_it(self, name):
        """S23."""
        lock = (ROOT / name).read_text(encoding="utf-8")

        assert unanswered(lock, LOCKS[name]) == []

    def test_names_no_machine(self, name):
        """Whoever installs it takes the index of their own."""
        assert "://" not in (ROOT / name).read_text(encoding="utf-8")


class TestUnanswered:
    def test_tells_a_pin_without_the_extras(self):
        lock = f"pytest-cov=={version('pytest-cov')}\ncoverage=={version('coverage')}\n"

        missing = unanswered(lock, [])

        assert any("asks for coverage[toml]" in one for one in missing)

    def test_tells_a_pin_that_is_too_old(self):
        assert unanswered("django==5.1\n", ["django>=5.2"]) == [
            "the project asks for django>=5.2, the lock has django==5.1"
        ]

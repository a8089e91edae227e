"""Who imports, and where: what every test of these pages begins with."""

import pytest

from tests.conftest import signed_in
from tests.factories import DepartmentFactory, editor


@pytest.fixture
def gard():
    return DepartmentFactory()


@pytest.fixture
def ana():
    return editor(first_name="Ana", last_name="Martin")


@pytest.fixture
def as_ana(ana):
    return signed_in(ana)

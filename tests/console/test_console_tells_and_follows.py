"""The console between people: what one does the other sees, what one may not do says why."""

from collections.abc import Callable

import pytest
from accessibility import check_accessibility
from people import Person
from shop import Shop

pytestmark = pytest.mark.world


def test_the_owner_sees_the_flags_of_a_project(console: Person, shop: Shop) -> None:
    shop.flag("checkout")
    page = console.open(f"/projects/{shop.project}/production/flags")
    assert "Flaghoist" in page.title()
    check_accessibility(console)


def test_somebody_else_looks_around(person: Callable[..., Person], shop: Shop) -> None:
    page = person().open(f"/projects/{shop.project}/production/flags")
    assert "Flaghoist" in page.title()

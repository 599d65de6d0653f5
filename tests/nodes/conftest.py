"""Machines and networks for stories of several nodes."""

from collections.abc import Iterator

import pytest
from namespaces import Networks
from namespaces import networks as made_networks


@pytest.fixture(scope="module")
def networks() -> Iterator[Networks]:
    yield from made_networks()

"""Shapes of the API are known to clients by their names, so no two may share one."""

from flaghoist.resources import operations
from flaghoist.rest.openapi import describe


def test_every_shape_has_a_name_of_its_own() -> None:
    shapes = describe(operations())["components"]["schemas"]
    qualified = [name for name in shapes if "." in name]
    assert not qualified, f"two structs share a name; rename one of them: {', '.join(sorted(qualified))}"

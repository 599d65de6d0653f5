"""What the product is: one folder per family, found by walking; no central list to keep."""

import importlib
import pkgutil

from flaghoist.rest.operations import Family, Operation


def families() -> list[Family]:
    """The ``FAMILY`` of every module named ``operations``, in the order of their folders."""
    modules = [module.name for module in pkgutil.walk_packages(__path__, f"{__name__}.")]
    return [importlib.import_module(name).FAMILY for name in modules if name.endswith(".operations")]


def operations(tables: list[Family] | None = None) -> tuple[Operation, ...]:
    """The operation table: every operation of every family."""
    return tuple(operation for family in tables or families() for operation in family.operations)

"""Names that are common elsewhere mean this repository's packages, and doors say what they show."""

from __future__ import annotations

import importlib
import pkgutil
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PACKAGES = ("auth", "datasources", "federation", "gateway", "resolvers", "schema")


def modules() -> list[str]:
    return [
        info.name
        for package in PACKAGES
        for info in pkgutil.walk_packages([str(ROOT / package)], f"{package}.")
        if ".migrations." not in info.name
    ]


@pytest.mark.parametrize("package", PACKAGES)
def test_a_package_is_the_one_of_this_repository(package: str) -> None:
    found = importlib.import_module(package).__file__
    assert found is not None
    assert Path(found).resolve().is_relative_to(ROOT)


@pytest.mark.parametrize("name", modules())
def test_what_a_module_says_it_shows_is_there(name: str) -> None:
    module = importlib.import_module(name)
    shown = getattr(module, "__all__", [])
    assert [public for public in shown if not hasattr(module, public)] == []
    assert module.__doc__ or not shown, f"{name} shows something and has no docstring"

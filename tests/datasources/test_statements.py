"""The statements that the modules hold: none is longer than somebody would write by hand."""

from __future__ import annotations

import subprocess
import sys

_MOST = 10_000
_LONGEST = """
import gc
import schema.subgraphs
from datasources.base import Statement
held = [one for one in gc.get_objects() if isinstance(one, Statement)]
assert len(held) > 200, "They are no longer found."
print(max(held, key=lambda one: len(one.text)).text)
"""


def test_no_statement_grows_with_how_deep_its_documents_are() -> None:
    """What is said of a value must not say the value again and again, and that of it as well."""
    done = subprocess.run(  # noqa: S603 - our own program
        [sys.executable, "-c", _LONGEST], stdout=subprocess.PIPE, check=True, text=True
    )
    assert len(done.stdout) < _MOST, done.stdout[:500]

"""The flow itself, assembled: delivery, gold and contract in, verdict out. The package is called: ``assay.judge(...)``.

Python binds an imported package to its name in the parent, so the package ``assay.judge`` would hide a function of that
name once any of its modules is loaded. Calling the package is the same as calling :func:`assay.judge.api.judge`.
"""

from __future__ import annotations

import sys
from importlib import import_module
from types import ModuleType


class _Judge(ModuleType):
    """The package, which can be called."""

    def __call__(self, *args: object, **named: object) -> object:
        """Judge labels; see :func:`assay.judge.api.judge`."""
        return import_module(f"{__name__}.api").judge(*args, **named)


sys.modules[__name__].__class__ = _Judge

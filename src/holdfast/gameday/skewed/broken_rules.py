"""Rules that break at run time: the judgement of the shared rules raises at a share of the payments.

It stands in for a release of the rules with a fault in it: both banks import these as `judge` and `judge_card`.
"""

import random
from collections.abc import Callable, Sequence
from importlib.abc import MetaPathFinder
from importlib.machinery import ModuleSpec, PathFinder
from types import ModuleType
from typing import Any

RULES = {"holdfast.guard.payments": "judge", "holdfast.guard.cards": "judge_card"}
"""The judgements that break, by module."""


class Breaking(MetaPathFinder):
    """Finds the rules as Python does, and puts the faulty judgement in place once they are there.

    share: from 0 (never) to 1 (at every payment), asked at each judgement.
    """

    def __init__(self, share: Callable[[], float]) -> None:
        self._share = share
        self._luck = random.Random(1)

    def find_spec(self, name: str, path: Sequence[str] | None, target: ModuleType | None = None) -> ModuleSpec | None:
        """Only the rules are found here."""
        spec = PathFinder.find_spec(name, path, target) if name in RULES else None
        if spec is None or spec.loader is None:
            return None
        loader: Any = spec.loader
        right = loader.exec_module

        def exec_module(module: ModuleType) -> None:
            right(module)
            self._break(module, RULES[name])

        loader.exec_module = exec_module
        return spec

    def _break(self, module: Any, name: str) -> None:
        right = getattr(module, name)

        def judge(*known: Any) -> Any:
            if self._luck.random() < self._share():
                raise ZeroDivisionError("the rules of this release divide by nothing")
            return right(*known)

        setattr(module, name, judge)

"""Model fields that the database holds sealed: what reads the database without the keys learns nothing from them.

They are read and written as if they were open. No query can compare, sort or search them, but for MarkedText, which is
found by its whole value. The empty text is stored as it is. See docs/decisions/0016-what-names-people-is-sealed.md.
"""

import json
from collections.abc import Iterable
from typing import Any

from django.db import models
from django.db.models import Lookup
from django.db.models.functions import Left

from holdfast.bank.sealed.keys import keys
from holdfast.signing.sealing import MARK_LENGTH


class _Sealed(models.TextField):  # type: ignore[type-arg]
    """What both forms have in common: the place that a value is bound to, and which look-ups there are."""

    LOOKUPS: tuple[str, ...] = ("isnull",)

    @property
    def place(self) -> str:
        """The table and column that a value is bound to: put elsewhere it does not open."""
        return f"{self.model._meta.db_table}.{self.column}"

    def get_lookup(self, lookup_name: str) -> Any:
        """Only those that mean something for a sealed value; others are refused by Django in words."""
        return super().get_lookup(lookup_name) if lookup_name in self.LOOKUPS else None


class SealedText(_Sealed):
    """Text that is sealed in the database."""

    def sealed(self, value: str) -> str:
        """The text as it is stored."""
        return keys.seal(value, self.place) if value else ""

    def get_db_prep_value(self, value: Any, connection: Any, prepared: bool = False) -> Any:  # noqa: ARG002  # as Django calls it
        """Seal it on its way in."""
        return value if value is None else self.sealed(str(value))

    def from_db_value(self, value: str | None, *_: object) -> str | None:
        """Open it on its way out; raises NotSealed when no key opens it."""
        return keys.unseal(value, self.place) if value else value


class SealedJson(_Sealed):
    """JSON that is sealed in the database; None is stored as NULL."""

    _pyi_private_set_type: Any
    _pyi_private_get_type: Any

    def sealed(self, value: Any) -> str:
        """The value as it is stored."""
        return keys.seal(json.dumps(value, separators=(",", ":")), self.place)

    def to_python(self, value: Any) -> Any:
        """As it is: the value is no text."""
        return value

    def get_prep_value(self, value: Any) -> Any:
        """As it is: the value is no text."""
        return value

    def get_db_prep_value(self, value: Any, connection: Any, prepared: bool = False) -> Any:  # noqa: ARG002  # as Django calls it
        """Seal it on its way in."""
        return value if value is None else self.sealed(value)

    def from_db_value(self, value: str | None, *_: object) -> Any:
        """Open it on its way out; raises NotSealed when no key opens it."""
        return json.loads(keys.unseal(value, self.place)) if value else None


class MarkedText(SealedText):
    """Sealed text that is found by its whole value, whatever its case: its mark stands before it.

    The mark is an HMAC under a key of its own. An index over `marked(column)` makes the look-up fast; with `unique` on
    it no value is there twice."""

    LOOKUPS = ("isnull", "exact")

    def sealed(self, value: str) -> str:
        """The text as it is stored."""
        return keys.mark(value.lower(), self.place) + super().sealed(value) if value else ""

    def from_db_value(self, value: str | None, *_: object) -> str | None:
        """Open it on its way out; raises NotSealed when no key opens it."""
        return super().from_db_value(value[MARK_LENGTH:] if value else value)

    def marks(self, value: str) -> list[str]:
        """What stands before the value: a mark under each key, [""] for the empty text."""
        return keys.marks(value.lower(), self.place) if value else [""]


@MarkedText.register_lookup
class _ByMark(Lookup):
    """`field = value`, by the marks of the value."""

    lookup_name = "exact"
    prepare_rhs = False

    def as_sql(self, compiler: Any, connection: Any) -> tuple[str, tuple[Any, ...]]:
        """The comparison and its parameters."""
        column, parameters = self.process_lhs(compiler, connection)
        return f"left({column}, {MARK_LENGTH}) = any(%s)", (*parameters, self.lhs.output_field.marks(str(self.rhs)))


def marked(column: str) -> Left:
    """The mark of a MarkedText, for an index."""
    return Left(column, MARK_LENGTH)


def sealed_fields(model: type[models.Model]) -> Iterable[SealedText | SealedJson]:
    """The sealed fields of a model."""
    return (one for one in model._meta.concrete_fields if isinstance(one, SealedText | SealedJson))


def sealed(model: type[models.Model], field: str, value: str) -> str:
    """A text as a sealed field of model has it in the database, for queries by hand."""
    found = model._meta.get_field(field)
    if not isinstance(found, SealedText):
        raise TypeError(f"{model.__name__}.{field} is not sealed")
    return found.sealed(value)


def opened(model: type[models.Model], field: str, value: str) -> str:
    """The text of what a sealed field of model has in the database; raises NotSealed when no key opens it."""
    found = model._meta.get_field(field)
    if not isinstance(found, SealedText):
        raise TypeError(f"{model.__name__}.{field} is not sealed")
    return found.from_db_value(value) or ""

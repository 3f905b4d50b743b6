"""The reader of long XML: the elements below the root one by one, each forgotten when the next is asked for."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from typing import TYPE_CHECKING, BinaryIO

from defusedxml.common import DefusedXmlException
from defusedxml.ElementTree import ParseError, iterparse

from .errors import InputError, LimitError
from .limits import DEFAULT_LIMITS, Limits
from .place import shown

if TYPE_CHECKING:
    from xml.etree.ElementTree import Element  # noqa: TID251  # the type of what the strict reader returns

_DEPTH = 64
_MOST = 1_000_000


def xml_elements(
    stream: BinaryIO,
    *,
    root: str,
    file: str,
    inside: Collection[str] = (),
    limits: Limits = DEFAULT_LIMITS,
) -> Iterator[Element]:
    """The children of the root element, which must be called ``root``; elements named in ``inside`` come before theirs.

    Raises :class:`InputError` for what is no plain XML: document types, entities, another root, a broken end; and
    :class:`LimitError` for elements too deep inside each other and for a child with too many elements.
    """
    try:
        yield from _elements(stream, root, file, inside)
    except DefusedXmlException as error:
        raise InputError(
            "a document type or entity is declared", file=file, found=type(error).__name__,
            expected="plain XML without <!DOCTYPE",
        ) from None  # fmt: skip
    except ParseError as error:
        line, column = error.position
        raise InputError(
            "this is not well-formed XML", file=file, place=f"line {line}, column {column + 1}",
            found=str(error).partition(":")[0],
        ) from None  # fmt: skip
    except (ValueError, LookupError) as error:
        raise InputError("this is not well-formed XML", file=file, found=str(error)[:80]) from None


def _elements(stream: BinaryIO, root: str, file: str, inside: Collection[str]) -> Iterator[Element]:
    parents: list[Element] = []
    count = 0
    for event, element in iterparse(
        stream, ("start", "end"), forbid_dtd=True, forbid_entities=True, forbid_external=True
    ):
        if event == "start":
            if not parents and element.tag != root:
                raise InputError(
                    "this is another kind of XML", file=file, found=shown(element.tag), expected=root
                )
            parents.append(element)
            count += 1
            if len(parents) > _DEPTH:
                expected = f"{_DEPTH} levels"
                raise LimitError("elements stand too deep inside each other", file=file, expected=expected)
            if count > _MOST:
                raise LimitError(
                    "one element holds too many others", file=file, expected=f"at most {_MOST:,}"
                )
            continue
        parents.pop()
        if len(parents) == 1 or element.tag in inside:
            yield element
        if len(parents) == 1:
            parents[0].clear()
            count = 0

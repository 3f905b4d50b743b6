"""The one reader of XML: no entities, no document type, no more depth or bytes than the limits allow."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from defusedxml.common import DefusedXmlException
from defusedxml.ElementTree import ParseError, fromstring

from .errors import InputError, LimitError
from .limits import DEFAULT_LIMITS, Limits, bytes_text

if TYPE_CHECKING:
    from xml.etree.ElementTree import Element  # noqa: TID251  # the type of what the strict reader returns

_DEPTH = 64
_TAG = re.compile(rb"<(/?)[A-Za-z_:][^<>]*?(/?)>")


def parse_xml(data: bytes, *, file: str, limits: Limits = DEFAULT_LIMITS) -> Element:
    """The root element of a document. Raises :class:`InputError` for anything that is not plain XML."""
    if len(data) > limits.json_bytes:
        raise LimitError(
            "this is too large for an XML document",
            file=file,
            expected=f"at most {bytes_text(limits.json_bytes)}",
        )
    _refuse_depth(data, file)
    try:
        return fromstring(data, forbid_dtd=True, forbid_entities=True, forbid_external=True)
    except DefusedXmlException as error:
        found = type(error).__name__
        raise InputError(
            "a document type or entity is declared",
            file=file,
            found=found,
            expected="plain XML without <!DOCTYPE",
        ) from None
    except ParseError as error:
        line, column = error.position
        raise InputError(
            "this is not well-formed XML", file=file, place=f"line {line}, column {column + 1}",
            found=str(error).partition(":")[0],
        ) from None  # fmt: skip
    except (ValueError, LookupError) as error:
        raise InputError("this is not well-formed XML", file=file, found=str(error)[:80]) from None


def _refuse_depth(data: bytes, file: str) -> None:
    """Elements too deep inside each other are refused before a parser builds them."""
    if data.count(b"<") <= _DEPTH:
        return
    depth = 0
    for closing, empty in _TAG.findall(data):
        depth += -1 if closing else 0 if empty else 1
        if depth > _DEPTH:
            raise LimitError(
                "elements stand too deep inside each other", file=file, expected=f"{_DEPTH} levels"
            )

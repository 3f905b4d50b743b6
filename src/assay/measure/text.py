"""Texts against a reference: word and character error rates, with the normal form they were measured in.

The form is part of the figure: the same Vietnamese line has another character error rate in NFC than in NFD.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Hashable, Iterable, Sequence
from dataclasses import dataclass
from typing import Literal, TypeAlias

from rapidfuzz.distance import Levenshtein

from .undefined import Undefined, ratio

UnicodeForm: TypeAlias = Literal["NFC", "NFD", "NFKC", "NFKD"]


@dataclass(frozen=True)
class NormalForm:
    """What is done to both texts before they are compared; white space at both ends never counts.

    ``unicode`` None leaves code points as delivered; ``squeeze`` makes one space of a run of white space.
    """

    unicode: UnicodeForm | None = "NFC"
    lower: bool = False
    strip_punctuation: bool = False
    squeeze: bool = False

    def __post_init__(self) -> None:
        if self.unicode not in (None, "NFC", "NFD", "NFKC", "NFKD"):
            raise ValueError(f"unknown Unicode normal form {self.unicode!r}")

    def __str__(self) -> str:
        """The form in words, as it stands beside a figure.

        >>> str(NormalForm("NFKC", lower=True))
        'NFKC, lower case'
        """
        parts: list[str] = [self.unicode or "code points as delivered"]
        parts += ["lower case"] * self.lower
        parts += ["without punctuation"] * self.strip_punctuation
        parts += ["runs of white space as one space"] * self.squeeze
        return ", ".join(parts)

    def apply(self, text: str) -> str:
        """The text in this form.

        >>> NormalForm(lower=True, strip_punctuation=True, squeeze=True).apply(" Well,  then. ")
        'well then'
        """
        if self.lower:
            text = text.lower()
        if self.strip_punctuation:
            text = "".join(sign for sign in text if not unicodedata.category(sign).startswith("P"))
        if self.unicode is not None:
            text = unicodedata.normalize(self.unicode, text)
        return " ".join(text.split()) if self.squeeze else text.strip()


NFC = NormalForm("NFC")


@dataclass(frozen=True)
class EditCounts:
    """The state of an error rate: edits that turn references into given texts, and the length of the references.

    The sum of edits is the smallest possible; how it splits into kinds is one of several equal choices.
    """

    substitutions: int = 0
    deletions: int = 0
    insertions: int = 0
    reference: int = 0
    texts: int = 0

    @property
    def edits(self) -> int:
        """All edits."""
        return self.substitutions + self.deletions + self.insertions

    @property
    def hits(self) -> int:
        """Units of the references that were given unchanged."""
        return self.reference - self.substitutions - self.deletions

    @property
    def given(self) -> int:
        """The length of the given texts."""
        return self.hits + self.substitutions + self.insertions

    def __add__(self, other: EditCounts) -> EditCounts:
        """The counts of both sets of texts together."""
        return self._merged(other, 1)

    def __sub__(self, other: EditCounts) -> EditCounts:
        """The counts without the texts of the other."""
        return self._merged(other, -1)

    def error_rate(self) -> float | Undefined:
        """Edits per unit of the reference, (S + D + I) / N; above 1 where much was added.

        >>> EditCounts(substitutions=1, deletions=1, reference=8).error_rate()
        0.25
        """
        return ratio(self.edits, self.reference, "the reference is empty")

    def match_error_rate(self) -> float | Undefined:
        """Edits per step of the alignment, (S + D + I) / (H + S + D + I); never above 1 (Morris et al. 2004)."""
        return ratio(self.edits, self.hits + self.edits, "both texts are empty")

    def information_kept(self) -> float | Undefined:
        """H / N · H / P over reference and given length (word information preserved, Morris et al. 2004)."""
        return ratio(self.hits * self.hits, self.reference * self.given, "one of the texts is empty")

    def _merged(self, other: EditCounts, sign: int) -> EditCounts:
        return EditCounts(
            self.substitutions + sign * other.substitutions,
            self.deletions + sign * other.deletions,
            self.insertions + sign * other.insertions,
            self.reference + sign * other.reference,
            self.texts + sign * other.texts,
        )


def word_edits(reference: str, given: str, form: NormalForm = NFC) -> EditCounts:
    """The edits between two texts as sequences of words (split at white space).

    >>> word_edits("this is the reference", "this is the prediction").edits
    1
    """
    return _edits(form.apply(reference).split(), form.apply(given).split())


def character_edits(reference: str, given: str, form: NormalForm = NFC) -> EditCounts:
    """The edits between two texts as sequences of code points, in the normal form.

    >>> character_edits("Hà Nội", "Ha Nội", NormalForm("NFD"))
    EditCounts(substitutions=0, deletions=1, insertions=0, reference=9, texts=1)
    """
    return _edits(form.apply(reference), form.apply(given))


def word_error_rate(
    references: Sequence[str], given: Sequence[str], form: NormalForm = NFC
) -> float | Undefined:
    """WER of several texts together: all edits over all words of the references.

    It needs a script that separates words by spaces; for Thai, Chinese or Japanese use the character error rate.

    Source: V. I. Levenshtein 1966, Sov. Phys. Dokl. 10:707 (distance); the rate as in the NIST evaluations.

    >>> word_error_rate(["this is the reference", "there is another one"],
    ...                 ["this is the prediction", "there is an other sample"])
    0.5
    """
    return _total(word_edits, references, given, form).error_rate()


def character_error_rate(
    references: Sequence[str], given: Sequence[str], form: NormalForm = NFC
) -> float | Undefined:
    """CER of several texts together: all edits over all code points of the references, spaces included.

    >>> line, typed = ["Hà Nội là thủ đô"], ["Ha Nội là thu đô"]
    >>> [round(character_error_rate(line, typed, NormalForm(form)), 4) for form in ("NFC", "NFD")]
    [0.125, 0.0909]
    >>> character_error_rate([""], ["x"]).reason
    'the reference is empty'
    """
    return _total(character_edits, references, given, form).error_rate()


def sum_of_edits(counts: Iterable[EditCounts]) -> EditCounts:
    """All counts together."""
    return sum(counts, EditCounts())


def _total(
    edits: Callable[[str, str, NormalForm], EditCounts],
    references: Sequence[str],
    given: Sequence[str],
    form: NormalForm,
) -> EditCounts:
    if len(references) != len(given):
        raise ValueError(f"{len(references)} references for {len(given)} texts")
    return sum_of_edits(edits(one, other, form) for one, other in zip(references, given, strict=True))


def _edits(reference: Sequence[Hashable], given: Sequence[Hashable]) -> EditCounts:
    kinds = [step.tag for step in Levenshtein.editops(reference, given)]
    return EditCounts(
        kinds.count("replace"), kinds.count("delete"), kinds.count("insert"), len(reference), texts=1
    )

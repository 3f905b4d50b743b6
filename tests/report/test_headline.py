"""The finding in one sentence."""

from __future__ import annotations

import pytest

from assay.report import for_audience, headline
from tests.report.other_kinds import ALL, accepted, empty, not_provable, preflight, rejected, rework

BUILT = {
    "rework": "Rework: 380 of 5,000 items. 4,620 stand.",
    "accepted": "Accepted: 4,998 of 5,000 items. Pay USD 2,145.71.",
    "rejected": "Rejected: F1 against gold is 0.612, shown below 0.75.",
    "not-provable": "8 more gold fraud reports, from the buyer, by 10 Apr 2026.",
    "provisional": "No contract. Under the starter template: rework: 380 of 5,000 items. 4,620 stand.",
    "texts": "Rework: 90 of 5,000 items. 4,910 stand.",
    "preflight": "5,000 items read, from 12 annotators. They agree at α 0.886. No gold, so no verdict.",
    "empty": "0 items read. No gold, so no verdict.",
}


@pytest.mark.parametrize("name", BUILT)
def test_the_sentence_follows_from_the_verdict(name: str) -> None:
    document = ALL[name]()
    if document["verdict"]:
        document["verdict"]["headline"] = ""
    assert headline(document) == BUILT[name]


def test_a_sentence_that_is_there_already_is_kept() -> None:
    assert headline(not_provable()) == "8 more gold fraud reports, from the buyer, by 10 April."


def test_the_need_is_told_in_the_words_of_the_term() -> None:
    document = not_provable()
    document["verdict"]["headline"] = ""
    document["verdict"]["terms"][0]["needs"] |= {
        "what": "20 gold items of fraud report; there are 12",
        "sentence": "8 more gold items of fraud report, from the buyer, by 10 April 2026: about 35 items to label.",
    }
    assert headline(document) == "8 more gold items of fraud report, from the buyer, by 10 April 2026."


def test_several_needs_are_counted() -> None:
    document = not_provable()
    document["verdict"]["headline"] = ""
    rows = document["verdict"]["terms"]
    rows.append({**rows[0], "subject": {"class": "refund"}})
    assert headline(document).endswith("by 10 Apr 2026; and 1 more.")


def test_nothing_to_pay_is_not_offered() -> None:
    document = accepted()
    document["verdict"]["headline"] = ""
    document["money"] = None
    assert headline(document) == "Accepted: 4,998 of 5,000 items."


def test_a_rejection_without_a_row_says_what_is_rejected() -> None:
    document = rejected()
    document["verdict"]["terms"] = []
    assert headline(document) == "Rejected: 5,000 of 5,000 items."


def test_an_annotator_reads_their_own_figures_first() -> None:
    assert headline(for_audience(rework(), "annotator", annotator="annotator-17")) == (
        "annotator-17: 0.712 against gold, 0.662 with the others."
    )


def test_undefined_agreement_is_told_with_its_reason() -> None:
    document = preflight()
    document["agreement"]["overall"]["krippendorff_alpha"] = {
        "value": None,
        "reason": "nobody shares an item",
    }
    assert "Agreement is not measured: nobody shares an item" in headline(document)


def test_an_empty_document_has_a_sentence_too() -> None:
    assert headline({}) == headline(empty())


def test_a_preflight_of_located_labels_says_pairwise_f1() -> None:
    document = preflight()
    document["verdict"] = None
    overall = document["agreement"]["overall"]
    overall["pairwise_f1"] = overall.pop("krippendorff_alpha")
    assert headline(document) == (
        "5,000 items read, from 12 annotators. They agree at pairwise F1 0.886. No gold, so no verdict."
    )

"""Ratings, transcripts, a pre-flight, and batches with very many people and classes."""

from __future__ import annotations

from tests.report.documents import accepted, not_provable, provisional, rejected, rework
from tests.report.figures import Document, ends, figure, term
from tests.report.parts import class_agreement, empty, finding, frame, gold, person

__all__ = [
    "ALL",
    "accepted",
    "empty",
    "large",
    "not_provable",
    "preflight",
    "provisional",
    "ratings",
    "rejected",
    "rework",
    "texts",
]


def ratings() -> Document:
    """An ordinal rating from 1 to 5, judged by weighted agreement and gold kappa."""
    alpha = figure(0.812, 400, method="Krippendorff alpha, ordinal", spread=3)
    kappa = figure(0.871, 250, method="quadratic kappa against gold", spread=2)
    terms = [
        term("agreement", "krippendorff_alpha", {}, "0.75", alpha),
        term("gold", "gold_kappa", {}, "0.80", kappa, reject_below="0.60"),
    ]
    document = frame("tone-7", terms)
    document["batch"] |= {"kind": "rating", "level": "ordinal", "programme": "answer-tone"}
    document["verdict"] |= {"outcome": "accept", "headline": "", "summary": [], "next": []}
    document["agreement"] = {
        "overall": {
            "krippendorff_alpha": alpha,
            "percent_agreement": figure(0.704, 400),
            "weighted_kappa": figure(0.803, 400),
        },
        "by_class": {},
        "by_slice": {},
        "pairs": [],
    }
    document["gold"] |= {
        "overall": {"kappa": kappa, "accuracy": figure(0.744, 250), "support": 250},
        "by_class": {},
        "by_annotator": {},
        "by_slice": {},
        "confusion": {
            "classes": ["1", "2", "3", "4", "5"],
            "matrix": [
                [40, 5, 0, 0, 0],
                [6, 38, 9, 1, 0],
                [0, 8, 36, 7, 0],
                [0, 1, 9, 41, 6],
                [0, 0, 0, 6, 31],
            ],
            "undelivered": [0, 1, 0, 0, 0],
            "undecided": [1, 2, 2, 0, 0],
        },
    }
    document["clusters"], document["slices"], document["rework"], document["money"] = (
        [],
        [],
        {"items": 0, "of": 5000, "stand": 5000, "files": [], "by_reason": [], "overlap": 0},
        None,
    )
    return document


def texts() -> Document:
    """Transcripts: word and character error rate against gold, with ceilings instead of floors."""
    wer, cer = (
        figure(0.118, 250, method="word error rate, NFC, lower case"),
        figure(0.041, 250, method="character error rate, NFC, lower case"),
    )
    terms = [
        term(
            "words",
            "wer",
            {},
            "0.10",
            wer,
            outcome="fail",
            standing=None,
            reason="0.118 is above the ceiling 0.10 and the evidence is enough.",
            changes="18 fewer wrong words in 1,000 would pass.",
        ),
        term(
            "characters",
            "cer",
            {},
            "0.06",
            cer,
            outcome="pass",
            standing="proven",
        ),
    ]
    document = frame("lines-2", terms)
    document["batch"] |= {"kind": "text", "level": "nominal", "programme": "call-transcripts"}
    document["verdict"] |= {
        "outcome": "rework",
        "headline": "",
        "summary": [],
        "next": [
            {"who": "vendor", "what": "Transcribe the 90 items of rework.csv again", "by": "2026-11-27"}
        ],
    }
    document["rework"] = {
        "items": 90,
        "of": 5000,
        "stand": 4910,
        "files": ["rework.csv"],
        "by_reason": [
            {
                "term": "words",
                "subject": {},
                "slice": None,
                "text": "word error rate is above 0.10",
                "items": 90,
                **ends(wer),
                "floor": None,
                "rest": None,
            }
        ],
        "overlap": 0,
    }
    document["gold"] |= {
        "overall": {"support": 250},
        "by_class": {},
        "by_annotator": {},
        "by_slice": {},
        "confusion": None,
        "text": {"wer": wer, "cer": cer, "normal_form": "NFC, lower case, punctuation stripped"},
    }
    document["agreement"] = {"overall": {}, "by_class": {}, "by_slice": {}, "pairs": []}
    document["clusters"], document["slices"], document["money"], document["people"] = [], [], None, []
    return document


def preflight() -> Document:
    """No gold and no contract: agreement and findings."""
    document = rework()
    document |= {"gold": None, "defects": None, "money": None, "verdict": None}
    document["rework"] = {"items": 0, "of": 5000, "stand": 5000, "files": [], "by_reason": [], "overlap": 0}
    document["people"] = [{**person, "gold": None} for person in document["people"]]
    document["slices"] = [{**row, "gold": None} for row in document["slices"]]
    document["command"] = "assay judge delivery.csv"
    document["proven"] = ["Which items the files hold, and that 4,988 of 5,000 carry three answers."]
    document["not_proven"] = ["Whether the labels are right: there is no gold."]
    return document


def large(people: int = 44, classes: int = 80, findings: int = 30, verdict: bool = False) -> Document:
    """Many people and classes; without a verdict unless asked for."""
    document = preflight()
    names = [
        f"class {at:03d} {'of messages about something long ' * (at % 7 == 3)}".strip()
        for at in range(classes)
    ]
    ids = [f"annotator-{at:03d}" for at in range(1, people + 1)]
    quality = [0.70 + 0.29 * ((at * 37) % classes) / classes for at in range(classes)]
    document["agreement"] |= {
        "by_class": {
            each: class_agreement(0.95 * quality[at], 30 + 7 * (at % 90), 1 / classes)
            for at, each in enumerate(names)
        },
        "pairs": [
            {
                "a": a,
                "b": b,
                "metric": "cohen_kappa",
                "value": round(0.7 + 0.2 * ((3 * i + j) % 10) / 10, 4),
                "low": None,
                "high": None,
                "units": (i * j) % 60,
                "percent_agreement": 0.9,
            }
            for i, a in enumerate(ids)
            for j, b in enumerate(ids[:i])
        ][:5000],
    }
    document["people"] = [
        person(each, 0.72 + 0.26 * ((at * 13) % people) / people) for at, each in enumerate(ids)
    ]
    document["batch"] |= {"annotators": people}
    document["findings"] = [finding(at) for at in range(findings)]
    if verdict:
        terms = [
            term(
                "classes",
                "gold_f1",
                {"class": each},
                "0.90",
                figure(round(quality[at], 4), 25 + 5 * (at % 50)),
            )
            for at, each in enumerate(names)
        ]
        terms += [
            term("people", "gold_f1", {"annotator": person["id"]}, "0.80", person["gold"])
            for person in document["people"]
        ]
        document["verdict"] = {
            **frame("b", terms)["verdict"],
            "outcome": "rework",
            "headline": "",
            "summary": [],
            "next": [],
        }
        document["gold"] = gold(
            {each: (quality[at], 25 + 5 * (at % 50)) for at, each in enumerate(names)},
            {person["id"]: 0.9 for person in document["people"]},
        )
        document["gold"]["confusion"] = {
            "classes": names,
            "matrix": [
                [20 if i == j else int((i * 31 + j * 17) % 97 == 0) for j in range(classes)]
                for i in range(classes)
            ],
            "undelivered": [0] * classes,
            "undecided": [at % 3 for at in range(classes)],
        }
        document["rework"] = {
            "items": 900,
            "of": 5000,
            "stand": 4100,
            "files": ["rework.csv"],
            "overlap": 3,
            "by_reason": [
                {
                    "term": "classes",
                    "subject": {"class": each},
                    "slice": None,
                    "text": f"{each}: F1 against gold is shown below 0.90",
                    "items": 40,
                    **ends(figure(round(quality[at], 4), 90)),
                    "floor": "0.90",
                    "rest": None,
                }
                for at, each in enumerate(names)
                if quality[at] < 0.8
            ],
        }
    return document


ALL = {
    "rework": rework,
    "not-provable": not_provable,
    "accepted": accepted,
    "rejected": rejected,
    "provisional": provisional,
    "ratings": ratings,
    "texts": texts,
    "preflight": preflight,
    "large": large,
    "empty": empty,
}

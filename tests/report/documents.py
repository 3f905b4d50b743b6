"""Report documents to render, one a kind of batch and verdict."""

from __future__ import annotations

from tests.report.figures import CHANNELS, CLASSES, PEOPLE, Document, ends, figure, term
from tests.report.parts import (
    channel_terms,
    class_terms,
    count_term,
    frame,
    gold_term,
    overall_terms,
    people_terms,
    person,
    unprovable_fraud,
)


def rework() -> Document:
    """380 of 5,000 items go back: one annotator, and refunds in the chat; fraud reports need evidence."""
    terms = class_terms() + people_terms() + channel_terms() + overall_terms()
    document = frame("batch-24", terms)
    document["verdict"] |= {
        "outcome": "rework",
        "headline": "Rework: 380 of 5,000 items. 4,620 stand.",
        "summary": [
            "annotator-17: F1 against gold is shown below 0.80",
            "refund is shown below 0.90; 58 of its 61 errors came by chat",
        ],
        "next": [
            {"who": "vendor", "what": "Relabel the 380 items of rework.csv", "by": "2026-11-27"},
            {
                "who": "buyer",
                "what": "Say in the guideline whether a charge made twice is a refund",
                "by": "2026-11-24",
            },
            {"who": "buyer", "what": "Measure round 2 on a fresh sample", "by": None},
        ],
        "odds": {"above": 0.97, "below": 0.02},
    }
    refund, chat = figure(0.846, 203), figure(0.712, 386)
    document["rework"] = {
        "items": 380,
        "of": 5000,
        "stand": 4620,
        "files": ["rework.csv", "rework.label-studio.json"],
        "by_reason": [
            {
                "term": "people",
                "subject": {"annotator": "annotator-17"},
                "slice": None,
                "text": "annotator-17: F1 against gold is shown below 0.80",
                "items": 125,
                **ends(chat),
                "floor": "0.80",
                "rest": None,
            },
            {
                "term": "classes",
                "subject": {"class": "refund"},
                "slice": {"channel": "chat"},
                "text": "refund is shown below 0.90; 58 of its 61 errors came by chat",
                "items": 255,
                **ends(refund),
                "floor": "0.90",
                "rest": figure(0.931, 131),
            },
        ],
        "overlap": 7,
    }
    document["money"] = {
        "currency": "USD",
        "payable_minor": 0,
        "held_minor": 214340,
        "lines": [
            {
                "per": "accepted item",
                "quantity": 4620,
                "price": "0.4200",
                "amount_minor": 194040,
                "text": "Items that stand, held until the rest is accepted",
            },
            {
                "per": "sample item",
                "quantity": 500,
                "price": "0.4060",
                "amount_minor": 20300,
                "text": "Items labelled by three people for the sample",
            },
        ],
    }
    return document


def not_provable() -> Document:
    """Nothing fails; the buyer's gold holds 12 of the 20 fraud reports that the contract asks for."""
    fraud = {**figure(0.917, 12), "low": 0.741, "high": 0.985}
    terms = [unprovable_fraud(fraud, missing=8, items=35, by="2026-04-10")]
    terms += [
        term("classes", "gold_f1", {"class": each}, "0.90", figure(0.935 + 0.005 * at, 300))
        for at, each in enumerate(CLASSES[2:])
    ]
    terms += [
        term("people", "gold_f1", {"annotator": f"annotator-0{at}"}, "0.80", figure(0.897 + 0.01 * at, 240))
        for at in range(1, 7)
    ]
    terms.append(gold_term("0.85", 0.927, reject="0.75"))
    document = frame("batch-3", terms)
    document["gold"]["overall"]["f1"] = figure(0.927, 1800)
    document["batch"] |= {"annotators": 6, "delivered_at": "2026-04-03T11:05:00Z"}
    document["judged_at"] = "2026-04-03T11:06:00Z"
    document["verdict"] |= {
        "outcome": "not provable",
        "headline": "8 more gold fraud reports, from the buyer, by 10 April.",
        "summary": [
            "Then this batch can be decided. The other seven classes and six people pass as they stand."
        ],
        "next": [
            {"who": "buyer", "what": "Label about 35 messages drawn by delivered class", "by": "2026-04-10"},
            {
                "who": "buyer",
                "what": "Judge again when the gold is in; the verdict of today stays in the record",
                "by": None,
            },
        ],
        "odds": {"above": 0.96, "below": 0.04},
    }
    document["rework"] = {"items": 0, "of": 5000, "stand": 5000, "files": [], "by_reason": [], "overlap": 0}
    document["money"] = {"currency": "USD", "payable_minor": 55000, "held_minor": 0, "lines": []}
    document["people"] = [person(f"annotator-0{at}", 0.897 + 0.01 * at) for at in range(1, 7)]
    document["suspicions"] = []
    return document


def accepted() -> Document:
    """Everything passes, six subjects are watched."""
    terms = [
        term("classes", "gold_f1", {"class": each}, "0.90", figure(0.919 + 0.006 * at, 420))
        for at, each in enumerate(CLASSES)
    ]
    terms += [
        term("people", "gold_f1", {"annotator": each}, "0.80", figure(max(value, 0.853), 320))
        for each, value in PEOPLE.items()
    ]
    terms += [
        term("conditions", "gold_f1", {"slice": each}, "0.80", figure(max(value, 0.851), n))
        for each, (value, n) in CHANNELS.items()
    ]
    terms += [gold_term("0.90", 0.951, reject="0.75"), count_term(0.9996, 4998)]
    document = frame("batch-25", terms)
    document["batch"] |= {"items": 4998}
    document["gold"]["overall"]["f1"] = figure(0.951, 1800)
    document["verdict"] |= {
        "outcome": "accept",
        "headline": "Accepted: 4,998 of 5,000 items. Pay USD 2,145.71.",
        "summary": [
            "2 items were not delivered; the contract allows 50.",
            "Refund is back above its floor since rule 4.3: 0.846 in batch 24, 0.921 now.",
        ],
        "next": [{"who": "buyer", "what": "Confirm the verdict and pay", "by": "2026-12-04"}],
        "odds": {"above": 0.97, "below": 0.02},
    }
    document["rework"] = {"items": 0, "of": 4998, "stand": 4998, "files": [], "by_reason": [], "overlap": 0}
    document["money"] = {
        "currency": "USD",
        "payable_minor": 214571,
        "held_minor": 0,
        "lines": [
            {
                "per": "accepted item",
                "quantity": 4998,
                "price": "0.4200",
                "amount_minor": 209916,
                "text": "Accepted items",
            }
        ],
    }
    document["suspicions"] = []
    document["people"] = [person(each, max(value, 0.853)) for each, value in PEOPLE.items()]
    return document


def rejected() -> Document:
    """Gold kappa is shown below the bound at which the contract rejects."""
    found = gold_term("0.90", 0.612, reject="0.75")
    found |= {
        "outcome": "reject",
        "standing": None,
        "reason": "The whole interval lies below 0.75.",
        "changes": "Only a new delivery changes it.",
    }
    document = frame("batch-26", [found, count_term(1.0, 5000)])
    document["verdict"] |= {
        "outcome": "reject",
        "headline": "",
        "summary": [],
        "next": [{"who": "vendor", "what": "Deliver the batch again", "by": "2026-12-04"}],
        "odds": None,
    }
    document["rework"] = {
        "items": 5000,
        "of": 5000,
        "stand": 0,
        "files": ["rework.csv"],
        "by_reason": [],
        "overlap": 0,
    }
    document["money"] = {"currency": "USD", "payable_minor": 0, "held_minor": 0, "lines": []}
    return document


def provisional() -> Document:
    """Gold but no contract: what the starter template would say."""
    document = rework()
    document["verdict"] |= {
        "provisional": True,
        "contract": {"id": "", "template": "starter-choice"},
        "headline": "",
        "odds": None,
    }
    document["money"] = None
    return document

"""The parts of a report document: people, gold, agreement, findings, clusters, and a frame with all of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from tests.report.figures import BY_CLASS, CHANNELS, CLASSES, METHOD_ALPHA, PEOPLE, Document, figure, term


def unprovable_fraud(found: Document, *, missing: int, items: int, by: str) -> Document:
    return term(
        "classes",
        "gold_f1",
        {"class": "fraud report"},
        "0.90",
        found,
        outcome="not provable",
        standing=None,
        reason=f"Batches 21 to 24 together hold {found['positives']} gold fraud reports; the contract asks for 20.",
        needs={
            "what": "gold fraud reports",
            "positives": missing,
            "items": items,
            "from": "buyer",
            "by": by,
            "cost": "about 3 hours",
        },
        changes="About one in seven of the items drawn for it shows one.",
        pooled_batches=4,
    )


def class_terms() -> list[Document]:
    rows = []
    for each, (f1, n, _) in BY_CLASS.items():
        if each == "fraud report":
            rows.append(
                unprovable_fraud(
                    {**figure(f1, n), "low": 0.692, "high": 0.984}, missing=6, items=41, by="2026-11-26"
                )
            )
        else:
            shown = (
                {
                    "reason": "The whole interval, widened for 9 classes, lies below 0.90.",
                    "changes": "12 fewer errors among 203 would pass.",
                }
                if each == "refund"
                else {}
            )
            rows.append(
                term(
                    "classes", "gold_f1", {"class": each}, "0.90", figure(f1, n), reject_below="0.75", **shown
                )
            )
    for each, (_, n, alpha) in BY_CLASS.items():
        rows.append(
            term(
                "agreement",
                "krippendorff_alpha",
                {"class": each},
                "0.80",
                figure(alpha, 2 * n, method=METHOD_ALPHA),
                minimum=40,
            )
        )
    return rows


def people_terms() -> list[Document]:
    shown = {
        "annotator-17": {
            "reason": "The whole interval, widened for 12 people, lies below 0.80.",
            "changes": "35 fewer errors among 386 would pass.",
        }
    }
    return [
        term("people", "gold_f1", {"annotator": each}, "0.80", figure(value, 386), **shown.get(each, {}))
        for each, value in PEOPLE.items()
    ]


def channel_terms() -> list[Document]:
    return [
        term("conditions", "gold_f1", {"slice": each}, "0.80", figure(value, n))
        for each, (value, n) in CHANNELS.items()
    ]


def overall_terms() -> list[Document]:
    return [gold_term("0.90", 0.939, reject="0.75"), count_term(1.0, 5000)]


def gold_term(floor: str, value: float, reject: str) -> Document:
    return term("gold", "gold_f1", {}, floor, figure(value, 1800), reject_below=reject)


def count_term(value: float, delivered: int) -> Document:
    found = {
        "value": value,
        "low": None,
        "high": None,
        "units": 5000,
        "labels": 15000,
        "positives": delivered,
        "method": "count",
        "reason": None,
    }
    return {
        **term("complete", "delivered_share", {}, "0.99", {**found, "low": 1.0, "high": 1.0}),
        "figure": found,
        "low": None,
        "high": None,
        "outcome": "pass",
        "standing": "proven",
    }


def person(identity: str, value: float) -> Document:
    number = int(identity[-2:])
    return {
        "id": identity,
        "labels": 1250 + 7 * number,
        "items": 1250 + 7 * number,
        "skipped": number % 4,
        "agreement": figure(round(0.93 * value, 4), 900, method="raw agreement with the others"),
        "gold": figure(round(value, 4), 386),
        "share": {each: round(at / 45, 4) for at, each in enumerate(CLASSES, 1)},
        "suspicions": ["answers within two seconds on 214 items"] if identity == "annotator-17" else [],
    }


def gold(classes: Mapping[str, tuple[float, int]], people: Mapping[str, float]) -> Document:
    def scores(value: float, n: int) -> Document:
        return {
            "precision": figure(value, n),
            "recall": figure(value, n),
            "f1": figure(value, n),
            "accuracy": figure(value, n),
            "kappa": figure(value, n, spread=1.4),
            "support": n,
        }

    return {
        "items": 250,
        "scored": 250,
        "not_delivered": 0,
        "compartments": {"practice": 60, "calibration": 120, "acceptance": 250},
        "makers": {
            "count": 2,
            "agreement": figure(0.953, 250, method="raw agreement of two makers"),
            "ceiling": {
                "overall": figure(0.953, 250, method="raw agreement of two makers"),
                "by_class": {each: figure(0.95, n) for each, (_, n) in classes.items()},
            },
        },
        "overall": {**scores(0.939, 1800), "support": 250},
        "by_class": {each: scores(value, n) for each, (value, n) in classes.items()},
        "by_annotator": {each: {**scores(value, 386), "labels": 386} for each, value in people.items()},
        "by_slice": {"channel": {each: scores(value, n) for each, (value, n) in CHANNELS.items()}},
        "confusion": confusion(list(classes)[:9]),
        "text": None,
    }


def confusion(classes: Sequence[str]) -> Document:
    size = len(classes)
    matrix = [
        [24 if i == j else (5 if (i, j) == (0, 4) else int((i + 2 * j) % 7 == 0)) for j in range(size)]
        for i in range(size)
    ]
    return {
        "classes": list(classes),
        "matrix": matrix,
        "undelivered": [0] * size,
        "undecided": [1 if at % 4 == 0 else 0 for at in range(size)],
    }


def class_agreement(alpha: float, n: int, prevalence: float) -> Document:
    return {
        "krippendorff_alpha": figure(round(alpha, 4), 2 * n, method=METHOD_ALPHA),
        "prevalence": figure(round(prevalence, 4), 5000, method="share of all votes"),
        "percent_agreement": figure(
            round(min(0.995, 0.9 + 0.1 * alpha), 4), 5000, method="raw agreement of pairs"
        ),
    }


def pairs() -> list[Document]:
    names, rows = list(PEOPLE), []
    for at, a in enumerate(names):
        for b in names[:at]:
            jitter = ((7 * names.index(a) + 3 * names.index(b)) % 9 - 4) / 200
            value = round(PEOPLE[a] * PEOPLE[b] * 0.98 + 0.04 * ("annotator-17" in (a, b)) + jitter, 4)
            few = (3 * names.index(a) + 5 * names.index(b)) % 11 == 0
            rows.append(
                {
                    "a": a,
                    "b": b,
                    "metric": "cohen_kappa",
                    "value": value,
                    "low": value - 0.05,
                    "high": value + 0.04,
                    "units": 9 if few else 180,
                    "percent_agreement": round(value + 0.04, 4),
                }
            )
    return rows


def finding(at: int) -> Document:
    kinds = (
        (
            "repeated_row",
            "minor",
            "annotator-05 answered item m-{n} twice, the same both times; counted once",
            {"file": "delivery.csv", "line": 880 + at},
        ),
        (
            "unknown_class",
            "major",
            "class “claim” is not in schema 3",
            {"file": "delivery.csv", "line": 3077 + at, "items": [f"m-{at}", f"m-{at + 1}"]},
        ),
        (
            "missing_items",
            "note",
            "{n} items of the manifest have no answer by annotator-12",
            {"count": at + 3, "file": "items.csv", "items": [f"m-{k}" for k in range(at % 40)]},
        ),
    )
    kind, severity, said, evidence = kinds[at % 3]
    return {
        "kind": kind,
        "severity": severity,
        "subject": f"m-{40210 + at}",
        "text": said.format(n=at + 3),
        "evidence": evidence,
    }


def clusters() -> list[Document]:
    def item(
        identity: str, body: str, a: str, b: str, gold: str | None = None, link: str | None = None
    ) -> Document:
        answers = [
            {"annotator": "annotator-03", "value": a},
            {"annotator": "annotator-11", "value": a},
            {"annotator": "annotator-13", "value": b},
        ]
        return {"item": identity, "text": body, "link": link, "answers": answers, "gold": gold}

    long = (
        "Hello, I have been a customer since 2019 and never had trouble. " * 14
        + "Now my card shows two charges of 49.90 for one order, and I want one of them back."
    )
    return [
        {
            "id": "c1", "values": ["refund", "billing question"], "slice": {"channel": "chat"}, "annotators": None, "count": 61, "share": 0.52, "lift": 4.3, "low": 0.43, "high": 0.61, "excess": 46.8,
            "text": "On messages by chat, 61 pairs of people split between refund and billing question: no rule says which one a charge made twice is.", "rest": "",
            "items": [
                item("m-040388", "you charged me twice for order 8841, i want the second payment back", "refund", "billing question", gold="refund"),
                item("m-041207", long, "refund", "billing question"),
                item("m-042977", "Thẻ của tôi bị trừ tiền hai lần cho cùng một đơn hàng, xin hoàn lại một lần.", "billing question", "refund", link="https://media.example/m-042977.txt"),
                item("m-043001", "why is there a second 49.90 on my statement?", "billing question", "refund"),
            ],
        },
        {
            "id": "c2", "values": ["cancellation", "account access"], "slice": None, "annotators": ["annotator-03", "annotator-13"], "count": 24, "share": 0.20, "lift": 2.1, "low": 0.14, "high": 0.28, "excess": 12.4,
            "text": "annotator-03 and annotator-13 read “close my account” as account access; the others as cancellation.", "rest": "Guideline 4.1 covers it.",
            "items": [item("m-044110", "please close my account and delete everything", "cancellation", "account access"), item("m-044512", "I can't find where to close the account", "cancellation", "account access", gold="account access")],
        },
        {
            "id": "c3", "values": ["bug report", "feature request"], "slice": {"channel": "app"}, "annotators": None, "count": 17, "share": 0.14, "lift": 1.8, "low": 0.09, "high": 0.22, "excess": 7.5,
            "text": "On messages from the app, a missing dark mode is a bug to some and a wish to others.", "rest": "",
            "items": [item("m-045118", "dark mode is gone since the update", "bug report", "feature request"), item("m-045902", "no dark mode on tablets??", "feature request", "bug report")],
        },
    ]  # fmt: skip


def frame(batch: str, terms: list[Document]) -> Document:
    alpha, raw = (
        figure(0.886, 2400, method="Krippendorff alpha, nominal", spread=2),
        figure(0.912, 5000, method="raw agreement of pairs"),
    )
    return {
        **empty(),
        "batch": {
            "id": batch, "programme": "support-messages", "buyer": "buyer-ml", "vendor": "kestrel", "delivered_at": "2026-11-20T14:40:00Z", "round": 1, "phase": "steady", "kind": "choice", "level": "nominal",
            "items": 5000, "items_expected": 5000, "labels": 15000, "annotators": 12, "votes_per_item": {"min": 1, "median": 3, "max": 3}, "versions": {"schema": "3", "guideline": "5.2", "gold": "4"}, "final_rule": "majority of votes; 12 ties undecided",
        },
        "judged_at": "2026-11-20T15:02:00Z",
        "verdict": {"outcome": "accept", "provisional": False, "contract": {"id": "support-messages-kestrel-2026", "template": "standard-choice"}, "headline": "", "summary": [], "terms": terms, "next": [], "odds": None},
        "agreement": {
            "overall": {"krippendorff_alpha": alpha, "percent_agreement": raw, "fleiss_kappa": figure(0.884, 2400, method="Fleiss kappa", spread=2), "gwet_ac1": figure(0.901, 2400, method="Gwet AC1"), "brennan_prediger": figure(0.898, 2400, method="Brennan-Prediger")},
            "by_class": {each: class_agreement(value, n, n / 3067) for each, (_, n, value) in BY_CLASS.items()},
            "by_slice": {"channel": {each: {"krippendorff_alpha": figure(round(0.93 * value, 4), n)} for each, (value, n) in CHANNELS.items()}},
            "pairs": pairs(),
        },
        "gold": gold({each: (f1, n) for each, (f1, n, _) in BY_CLASS.items()}, PEOPLE),
        "defects": {
            "critical": {"per_100_items": {**figure(0.016, 500), "value": 1.6, "low": 0.4, "high": 3.6}, "kinds": {"wrong_class": 6, "fraud_missed": 2}},
            "minor": {"per_100_items": {**figure(0.044, 500), "value": 4.4, "low": 2.2, "high": 7.0}, "kinds": {"other_class": 22}},
        },
        "people": [person(each, value) for each, value in PEOPLE.items()],
        "slices": [{"attribute": "channel", "value": each, "items": 3 * n, "labels": 9 * n, "gold": figure(value, n), "agreement": figure(round(0.93 * value, 4), n)} for each, (value, n) in CHANNELS.items()],
        "clusters": clusters(),
        "clusters_rest": {"count": 16, "share": 0.14},
        "findings": [finding(at) for at in range(4)],
        "suspicions": [{"kind": "worse_than_the_rest", "severity": "major", "subject": "annotator-17", "text": "annotator-17 agrees with gold 21 points less than the rest; Holm-adjusted p below 0.001", "evidence": {"difference": 0.214, "items": 386, "p": 0.0002}}],
        "review": {"self_check": {"items": 5000, "changed": 312, "by": 12}, "review": {"items": 1000, "changed": 87, "by": ["reviewer-1", "reviewer-3"]}, "adjudication": {"items": 118, "changed": 118, "by": "adjudicator-2"}},
        "proven": ["The figures of this page follow from the files whose hashes it lists.", "Gold was fixed before the batch was measured.", "Nobody reviewed their own work."],
        "not_proven": ["That gold itself is right: its two makers agree in 95.3%.", "Who sat behind a pseudonym.", "The content of 12 items that carry fewer than three answers."],
        "method": {"agreement": "Krippendorff alpha over blind first votes; class against the rest", "accuracy": "final label against gold, undelivered items counted as wrong", "interval": {"level": 0.95, "replicates": 2000, "unit": "item", "groups": 1024, "seed": "20261120", "design": "500 of 5,000, drawn after delivery by class and channel"}, "multiplicity": "Holm over the subjects of each term", "versions": {"measures": "1"}},
        "inputs": [
            {"path": "delivery/labels.csv", "sha256": "9f2c41e7" * 8, "format": "CSV", "items": 5000, "annotators": 12, "labels": 15000, "role": "delivery"},
            {"path": "gold.csv", "sha256": "41d8803b" * 8, "format": "CSV", "items": 250, "annotators": 0, "labels": 250, "role": "gold"},
            {"path": "contract.yaml", "sha256": "c5509ae1" * 8, "format": "contract/1", "items": 0, "annotators": 0, "labels": 0, "role": "contract"},
        ],
        "command": "assay judge delivery/ --gold gold.csv --contract contract.yaml --items items.csv --judged-at 2026-11-20T15:02:00Z",
    }  # fmt: skip


def empty() -> Document:
    """Every section empty, as the smallest document the schema allows."""
    return {
        "schema": "assay-report/1",
        "software": {"name": "assay", "version": "0.1.0"},
        "audience": "buyer",
        "judged_at": "2026-11-20T16:00:00Z",
        "batch": {
            "id": "",
            "items": 0,
            "labels": 0,
            "annotators": 0,
            "kind": "choice",
            "level": "nominal",
            "versions": {},
        },
        "verdict": None,
        "money": None,
        "rework": {"items": 0, "of": 0, "stand": 0, "files": [], "by_reason": []},
        "agreement": {"overall": {}, "by_class": {}, "by_slice": {}, "pairs": []},
        "gold": None,
        "defects": None,
        "people": [],
        "slices": [],
        "clusters": [],
        "clusters_rest": {"count": 0, "share": 0.0},
        "findings": [],
        "suspicions": [],
        "review": {},
        "proven": [],
        "not_proven": [],
        "method": {},
        "inputs": [],
        "command": "",
    }

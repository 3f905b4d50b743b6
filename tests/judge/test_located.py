"""Judging boxes and spans from files: what counts, who took part, what goes back, and what changes nothing."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, cast

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from assay.annotation.errors import InputError, LimitError
from assay.judge.flow import judge_request
from assay.judge.located_measure import MOST_CLASSES
from assay.judge.request import Request
from assay.judge.saving import save
from tests.formats.located_files import box, coco, read

Json = Mapping[str, Any]
Box = Sequence[float]


def images(path: Path, boxes: Mapping[int, Sequence[Box]], *, listed: int = 6) -> Path:
    """A COCO file: boxes x, y, w, h (and the number of a category) on each of the ``listed`` images."""
    found = [
        box(*one[:4], image=image, category=int(one[4]) if len(one) > 4 else 3)
        for image, here in boxes.items()
        for one in here
    ]
    return coco(path, found, images=listed)


def grid(count: int) -> list[Box]:
    return [(5.0 + 20 * n, 10.0, 12.0, 12.0) for n in range(count)]


def judged(*paths: Path, **given_: Any) -> Json:
    return judge_request(Request(list(paths), **given_)).document


def test_boxes_are_matched_with_gold_and_between_people(tmp_path: Path) -> None:
    gold = images(tmp_path / "gold.json", {n: grid(4) for n in range(1, 7)})
    right = images(tmp_path / "a.json", {n: grid(4) for n in range(1, 7)})
    misses = images(tmp_path / "b.json", {n: grid(3) for n in range(1, 7)})
    document = judged(right, misses, gold=gold)
    assert document["batch"]["kind"] == "boxes"
    people = {name: f["f1"]["value"] for name, f in document["gold"]["by_annotator"].items()}
    assert people == {"annotator-01": 1.0, "annotator-02": pytest.approx(6 / 7)}
    assert document["gold"]["overall"]["recall"]["value"] == pytest.approx(42 / 48)
    assert document["gold"]["overall"]["mean_iou"]["value"] == 1.0
    assert document["agreement"]["overall"]["pairwise_f1"]["value"] == pytest.approx(6 / 7)
    assert document["defects"]["critical"]["kinds"] == {"missed": 6}


def test_an_image_without_boxes_took_part_and_one_that_is_not_listed_did_not(tmp_path: Path) -> None:
    gold = images(tmp_path / "gold.json", {1: grid(2)}, listed=2)
    empty = images(tmp_path / "a.json", {1: grid(2), 2: grid(1)}, listed=2)
    document = judged(empty, gold=gold)
    assert document["gold"]["items"] == 2
    assert document["gold"]["overall"]["precision"]["value"] == pytest.approx(2 / 3)
    fewer = images(tmp_path / "b.json", {1: grid(2)}, listed=1)
    assert judged(fewer, gold=gold)["gold"]["scored"] == 1


def test_gold_that_was_not_delivered_counts_as_missed_where_the_contract_says_so(tmp_path: Path) -> None:
    gold = images(tmp_path / "gold.json", {1: grid(3), 2: grid(3)}, listed=2)
    half = images(tmp_path / "a.json", {1: grid(3)}, listed=1)
    contract = tmp_path / "contract.yaml"
    contract.write_text(
        "assay: contract/1\nid: c1\nlabels: boxes\n"
        "measurement: {match: {overlap: iou, threshold: 0.5}, missing: {gold_not_delivered: wrong}}\n"
        "acceptance:\n  - {id: gold, metric: gold_f1, scope: overall, floor: 0.80}\n"
        "errors: {missed: critical, not_delivered: critical}\n",
        encoding="utf-8",
    )
    document = judged(half, gold=gold, contract=contract)
    assert document["gold"]["not_delivered"] == 1
    assert document["gold"]["overall"]["recall"]["value"] == 0.5
    assert document["defects"]["critical"]["kinds"] == {"not_delivered": 1}


def test_a_crowd_region_is_neither_missed_nor_extra(tmp_path: Path) -> None:
    region = box(0, 0, 90, 60) | {"iscrowd": 1}
    gold = coco(tmp_path / "gold.json", [region, box(5, 5, 10, 10)], images=1)
    mine = coco(tmp_path / "a.json", [box(5, 5, 10, 10)], images=1)
    figures = judged(mine, gold=gold)["gold"]["overall"]
    assert figures["recall"]["value"] == figures["precision"]["value"] == 1.0


def test_the_final_layer_is_judged_and_first_passes_agree_or_not(tmp_path: Path) -> None:
    folder = tmp_path / "delivery"
    folder.mkdir()
    gold = images(tmp_path / "gold.json", {n: grid(2) for n in range(1, 7)})
    images(folder / "a.json", {n: grid(1) for n in range(1, 7)})
    images(folder / "b.json", {n: grid(1) for n in range(1, 7)})
    images(folder / "review.json", {n: grid(2) for n in range(1, 7)})
    (folder / "delivery.yaml").write_text(
        "assay: delivery/1\nfiles:\n  - {path: a.json, annotator: w1}\n  - {path: b.json, annotator: w2}\n"
        "  - {path: review.json, annotator: w3, layer: review}\n",
        encoding="utf-8",
    )
    document = judged(folder, gold=gold)
    assert document["gold"]["overall"]["f1"]["value"] == 1.0
    assert document["agreement"]["overall"]["pairwise_f1"]["value"] == 1.0
    assert document["agreement"]["overall"]["pairwise_f1"]["positives"] == 12
    assert document["review"]["review"]["items"] == 6


def test_the_items_of_a_person_who_fails_go_back_and_others_stand(tmp_path: Path) -> None:
    gold = images(tmp_path / "gold.json", {n: grid(4) for n in range(1, 41)}, listed=40)
    good = images(tmp_path / "a.json", {n: grid(4) for n in range(1, 21)}, listed=20)
    bad = coco(tmp_path / "b.json", [box(70, 60, 9, 9, image=n) for n in range(21, 41)], images=40)
    document = json.loads(bad.read_text())
    document["images"] = [one for one in document["images"] if one["id"] > 20]
    bad.write_text(json.dumps(document), encoding="utf-8")
    folder = tmp_path / "d"
    folder.mkdir()
    for path, name in ((good, "a.json"), (bad, "b.json")):
        path.rename(folder / name)
    (folder / "delivery.yaml").write_text(
        "assay: delivery/1\nfiles: [{path: a.json, annotator: w1}, {path: b.json, annotator: w2}]\n",
        encoding="utf-8",
    )
    contract = tmp_path / "contract.yaml"
    contract.write_text(
        "assay: contract/1\nid: c1\nlabels: boxes\nmeasurement: {match: {overlap: iou, threshold: 0.5}}\n"
        "acceptance:\n  - {id: people, metric: gold_f1, scope: every annotator, floor: 0.80, redo: annotator}\n",
        encoding="utf-8",
    )
    out = tmp_path / "out"
    out.mkdir()
    judgement = judge_request(Request([folder], gold=gold, contract=contract, stage=out))
    redone = cast("Json", judgement.document["rework"])
    assert redone["items"] == 20
    save(judgement, out)
    assert redone["files"] == [
        "rework.csv",
        "rework.cvat.xml",
        "rework.label-studio.json",
    ]
    assert "w2" not in (out / "rework.label-studio.json").read_text(encoding="utf-8")
    with read(out / "rework.cvat.xml") as again:
        assert len(again.rows("DISTINCT item", "annotation")) == 20
    listed = (out / "rework.csv").read_text(encoding="utf-8").splitlines()
    assert [row.split(",")[0] for row in listed[1:]] == [
        f"a{n}.jpg" for n in sorted(range(21, 41), key=lambda n: f"a{n}.jpg")
    ]


@st.composite
def deliveries(draw: st.DrawFn) -> dict[str, dict[int, list[Box]]]:
    """Boxes of three people on up to five images, on a coarse grid so that they meet."""
    one = st.tuples(
        st.integers(0, 8).map(lambda n: 10.0 * n), st.integers(0, 5).map(lambda n: 10.0 * n),
        st.sampled_from([8.0, 12.0, 20.0]), st.sampled_from([8.0, 12.0, 20.0]), st.sampled_from([3, 90]),
    )  # fmt: skip
    here = st.lists(one, max_size=5, unique=True)
    return {
        name: {image: [list(b) for b in draw(here)] for image in range(1, 5)}
        for name in ("w1", "w2", "w3", "gold")
    }


def figures_of(
    folder: Path, boxes: Mapping[str, Mapping[int, Sequence[Box]]], names: Mapping[str, str]
) -> Json:
    """The figures of a delivery whose people have other names, without what says who they are."""
    folder.mkdir(parents=True, exist_ok=True)
    for person in ("w1", "w2", "w3", "gold"):
        images(folder / f"{names.get(person, person)}.json", boxes[person], listed=4)
    people = [folder / f"{names[person]}.json" for person in ("w1", "w2", "w3")]
    document = judged(*people, gold=folder / "gold.json")
    return {
        "agreement": document["agreement"]["overall"] | {"classes": document["agreement"]["by_class"]},
        "gold": document["gold"]["overall"] | {"classes": document["gold"]["by_class"]},
        "clusters": [cluster["count"] for cluster in document["clusters"]],
        "people": sorted(
            (f["f1"]["value"] is None, f["f1"]["value"] or 0.0, f["f1"]["units"])
            for f in document["gold"]["by_annotator"].values()
        ),
    }


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(boxes=deliveries(), data=st.data())
def test_figures_do_not_change_with_names_and_orders(
    tmp_path: Path, boxes: dict[str, dict[int, list[Box]]], data: st.DataObject
) -> None:
    names = data.draw(st.permutations(["zeta", "alpha", "mid"]))
    shuffled = {
        person: {image: data.draw(st.permutations(here)) for image, here in reversed(list(mine.items()))}
        for person, mine in boxes.items()
    }
    plain = figures_of(tmp_path / "one", boxes, {"w1": "w1", "w2": "w2", "w3": "w3"})
    other = figures_of(tmp_path / "two", shuffled, dict(zip(("w1", "w2", "w3"), names, strict=True)))
    assert plain == other


def test_figures_of_one_person_do_not_change_when_the_boxes_of_another_do(tmp_path: Path) -> None:
    gold = images(tmp_path / "gold.json", {n: grid(4) for n in range(1, 7)})
    mine = images(tmp_path / "a.json", {n: [*grid(3), (80, 60, 5, 5)] for n in range(1, 7)})
    found = []
    for count in (4, 1):
        other = images(tmp_path / "b.json", {n: grid(count) for n in range(1, 7)})
        mapping = tmp_path / "people.csv"
        mapping.write_text("pseudonym,annotator\nannotator-01,a\nannotator-02,b\n", encoding="utf-8")
        document = judged(mine, other, gold=gold, pseudonyms=mapping)
        found.append(document["gold"]["by_annotator"]["annotator-01"])
    assert found[0] == found[1]


def test_a_vendor_sees_no_gold_objects_and_no_counts_of_little_gold(tmp_path: Path) -> None:
    gold = images(
        tmp_path / "gold.json",
        {n: [*grid(2), *([(70, 50, 9, 9, 90)] if n < 3 else [])] for n in range(1, 13)},
        listed=12,
    )
    mine = images(tmp_path / "a.json", {n: grid(2) for n in range(1, 13)}, listed=12)
    other = images(tmp_path / "b.json", {n: grid(1) for n in range(1, 13)}, listed=12)
    judgement = judge_request(Request([mine, other], gold=gold))
    for audience in ("vendor", "buyer"):
        out = tmp_path / audience
        out.mkdir()
        save(replace(judgement, redo=replace(judgement.redo, items=0)), out, audience=audience)
    seen = json.loads((tmp_path / "vendor" / "report.json").read_text(encoding="utf-8"))
    assert [item["item"] for item in seen["drawn"] if item["of_gold"]] == []
    counts = {
        name: json.loads((tmp_path / name / "counts.json").read_text(encoding="utf-8"))["located"]["gold"][
            "by_class"
        ]
        for name in ("vendor", "buyer")
    }
    assert counts["buyer"]["bus"] == {"matched": 0, "extra": 0, "missed": 4}
    assert counts["vendor"]["bus"] is None
    assert counts["vendor"]["car"] is None


def schema_of(path: Path, *classes: str, kind: str = "boxes") -> Path:
    path.write_text(
        f"assay: schema/1\nversion: 1\nkind: {kind}\nclasses:\n" + "".join(f"  - {one}\n" for one in classes),
        encoding="utf-8",
    )
    return path


def test_a_schema_names_classes_and_says_what_it_does_not_have(tmp_path: Path) -> None:
    gold = images(tmp_path / "gold.json", {1: grid(2)})
    mine = images(tmp_path / "a.json", {1: grid(2), 2: [(5, 5, 9, 9, 90)]})
    schema = schema_of(tmp_path / "schema.yaml", "{id: c1, name: vehicle, aliases: [car]}")
    document = judged(mine, gold=gold, schema=schema)
    assert document["gold"]["by_class"]["vehicle"]["f1"]["value"] == 1.0
    (finding,) = [one for one in document["findings"] if one["kind"] == "unknown_class"]
    assert finding["evidence"] == {"classes": ["bus"], "objects": 1}


def test_gold_and_kinds_of_another_schema_are_refused(tmp_path: Path) -> None:
    gold = images(tmp_path / "gold.json", {1: [(5, 5, 9, 9, 90)]})
    mine = images(tmp_path / "a.json", {1: grid(2)})
    with pytest.raises(InputError, match="gold holds a class that the schema does not have"):
        judged(mine, gold=gold, schema=schema_of(tmp_path / "one.yaml", "car"))
    with pytest.raises(InputError, match="disagree about the kind"):
        judged(mine, schema=schema_of(tmp_path / "two.yaml", "car", "bus", kind="choice"))
    table = tmp_path / "labels.csv"
    table.write_text("item,annotator,label\na,w1,car\nb,w1,bus\n", encoding="utf-8")
    with pytest.raises(InputError, match="disagree about the kind"):
        judged(table, schema=schema_of(tmp_path / "three.yaml", "car", "bus"))


def test_exemplars_of_clusters_have_the_link_that_the_manifest_says(tmp_path: Path) -> None:
    gold = images(tmp_path / "gold.json", {n: grid(4) for n in range(1, 41)}, listed=40)
    mine = images(tmp_path / "a.json", {n: grid(2) for n in range(1, 41)}, listed=40)
    manifest = tmp_path / "items.csv"
    rows = [f"a{n}.jpg,https://images.example/{n}" for n in range(1, 41)]
    manifest.write_text("\n".join(["item,link", *rows]) + "\n", encoding="utf-8")
    document = judged(mine, gold=gold, items=manifest)
    shown = [item for cluster in document["clusters"] for item in cluster["items"]]
    assert shown
    for item in shown:
        assert item["link"] == f"https://images.example/{item['item'][1:-4]}"


def test_a_pool_of_located_labels_says_what_a_vendor_saw(tmp_path: Path) -> None:
    boxes = {n: [*grid(2), *([(70, 50, 9, 9, 90)] if n < 3 else [])] for n in range(1, 13)}
    gold = images(tmp_path / "gold.json", boxes, listed=12)
    mine = images(tmp_path / "a.json", boxes, listed=12)
    contract = tmp_path / "contract.yaml"
    contract.write_text(
        "assay: contract/1\nid: c1\nlabels: boxes\nmeasurement: {match: {overlap: iou, threshold: 0.5}}\n"
        "acceptance:\n  - {id: classes, metric: gold_f1, scope: every class, floor: 0.80, redo: class}\n",
        encoding="utf-8",
    )
    pool = judged(mine, gold=gold, contract=contract)["pool"]["classes"]
    assert pool["bus"]["open"] == pool["bus"]["pooled_open"] == 0


def test_more_classes_than_can_be_told_apart_are_refused(tmp_path: Path) -> None:
    names = [f"c{number}" for number in range(MOST_CLASSES + 1)]
    boxes = [box(1, 2, 3, 4, category=3 + 87 * number) for number in range(len(names))]
    mine = coco(tmp_path / "a.json", boxes, images=1, categories=names)
    with pytest.raises(LimitError, match="too many classes"):
        judged(mine)

"""One computation in a process of its own: ours or a peer's, on data made here; the time to make them is not counted.

``python -m benchmarks.located_jobs NAME SIZE`` prints one JSON line: CPU and wall seconds of one call, the largest
resident set in MB with the data in memory, and what was computed, so that both sides can be compared.
"""

from __future__ import annotations

import contextlib
import io
import sys
import time
from collections.abc import Callable
from pathlib import Path
from resource import RUSAGE_SELF, getrusage

import numpy as np
import orjson

from .located_data import CLASSES, TwoPeople, dense_frame, two_codings, two_people

THRESHOLDS = tuple(round(0.5 + 0.05 * n, 2) for n in range(10))

Work = Callable[[], object]


def ours_matching(images: int) -> Work:
    """Matched objects at ten thresholds of two people's boxes, summed per class."""
    from assay.measure.candidates import Objects
    from assay.measure.comparisons import two_sides
    from assay.measure.located import states_at

    data = two_people(images)
    left = Objects(data.image, data.label, data.box)
    right = Objects(data.other_image, data.other_label, data.other_box)

    def work() -> object:
        task = two_sides(left, right, np.arange(images))
        row = np.zeros(task.tasks, np.int64)
        states = states_at(task, row, THRESHOLDS, classes=CLASSES, rows=1)
        return [int(state.matched.sum()) for state in states]

    return work


def _overlaps(data: TwoPeople, each: int) -> Callable[[int], np.ndarray]:
    """The table of overlaps of one image, 0 for pairs of two classes and below 0.5."""

    def table(start: int) -> np.ndarray:
        a, b = data.box[start : start + each], data.other_box[start : start + each]
        near = np.maximum(a[:, None, :2], b[None, :, :2])
        far = np.minimum((a[:, :2] + a[:, 2:])[:, None], (b[:, :2] + b[:, 2:])[None])
        common = np.prod(np.maximum(far - near, 0), axis=2)
        found = common / (np.prod(a[:, 2:], axis=1)[:, None] + np.prod(b[:, 2:], axis=1)[None] - common)
        same = data.label[start : start + each, None] == data.other_label[None, start : start + each]
        return np.where(same & (found >= 0.5), found, 0.0)

    return table


def scipy_matching(images: int) -> Work:
    """SciPy's assignment image by image, once at the lowest threshold."""
    from scipy.optimize import linear_sum_assignment

    data = two_people(images)
    each = len(data.image) // images
    table, thresholds = _overlaps(data, each), np.array(THRESHOLDS)

    def work() -> object:
        matched = np.zeros(len(thresholds), np.int64)
        for start in range(0, len(data.image), each):
            found = table(start)
            rows, columns = linear_sum_assignment(found, maximize=True)
            matched += (found[rows, columns][:, None] >= thresholds[None]).sum(axis=0)
        return matched.tolist()

    return work


def pycocotools_matching(images: int) -> Work:
    """COCO's evaluation, which takes the best free partner of each box in turn."""
    from pycocotools.coco import COCO
    from pycocotools.cocoeval import COCOeval

    data = two_people(images)
    frames = [{"id": n + 1, "width": 1280, "height": 960} for n in range(images)]
    classes = [{"id": n + 1, "name": str(n)} for n in range(CLASSES)]

    def rows(image: np.ndarray, label: np.ndarray, box: np.ndarray) -> list[dict[str, object]]:
        return [
            {
                "id": n + 1, "image_id": i + 1, "category_id": c + 1, "bbox": b, "area": b[2] * b[3],
                "iscrowd": 0, "score": 1.0,
            }
            for n, (i, c, b) in enumerate(zip(image.tolist(), label.tolist(), box.tolist(), strict=True))
        ]  # fmt: skip

    sides = rows(data.image, data.label, data.box), rows(data.other_image, data.other_label, data.other_box)

    def work() -> object:
        with contextlib.redirect_stdout(io.StringIO()):
            gold, given = COCO(), COCO()
            for side, found in ((gold, sides[0]), (given, sides[1])):
                side.dataset = {"info": {}, "images": frames, "categories": classes, "annotations": found}
                side.createIndex()
            evaluation = COCOeval(gold, given, "bbox")
            evaluation.params.areaRng, evaluation.params.areaRngLbl = [[0, 1e10]], ["all"]
            evaluation.params.maxDets = [100]
            evaluation.evaluate()
        matched = np.zeros(len(THRESHOLDS), np.int64)
        for image in evaluation.evalImgs:
            if image is not None:
                matched += (np.asarray(image["dtMatches"]) > 0).sum(axis=1)
        return matched.tolist()

    return work


def ours_frame(objects: int) -> Work:
    """Both stages of matching of one image."""
    from assay.measure.candidates import Objects
    from assay.measure.comparisons import two_sides
    from assay.measure.matching import match

    data = dense_frame(objects)
    left = Objects(data.image, data.label, data.box)
    right = Objects(data.other_image, data.other_label, data.other_box)

    def work() -> object:
        task = two_sides(left, right, np.zeros(1, np.int64))
        found = match(task.left, task.right, task.near(0.5), 0.5)
        return int(found.same_class.sum())

    return work


def datumaro_frame(objects: int) -> Work:
    """The matching of pairs in datumaro, on which CVAT's quality module is built: a function call for each pair."""
    from datumaro.components.annotation import Bbox
    from datumaro.components.annotations.matcher import match_segments_pair

    data = dense_frame(objects)
    sides = [
        [
            Bbox(*b, label=c, attributes={"score": 1})
            for b, c in zip(box.tolist(), label.tolist(), strict=True)
        ]
        for box, label in ((data.box, data.label), (data.other_box, data.other_label))
    ]

    def work() -> object:
        matches, *_ = match_segments_pair(list(sides[0]), list(sides[1]), dist_thresh=0.5)
        return len(matches)

    return work


def ours_spans(tokens: int) -> Work:
    """F1 of exact spans from lists of tags."""
    from assay.measure.tag_spans import tagged_f1

    one, other = two_codings(tokens)
    return lambda: round(float(str(tagged_f1(one, other, "iob2"))), 9)


def seqeval_spans(tokens: int) -> Work:
    """seqeval's F1 in its strict mode."""
    from seqeval.metrics import f1_score
    from seqeval.scheme import IOB2

    one, other = two_codings(tokens)
    return lambda: round(float(f1_score(one, other, mode="strict", scheme=IOB2)), 9)


JOBS: dict[str, Callable[[int], Work]] = {
    "matching": ours_matching,
    "matching-scipy": scipy_matching,
    "matching-pycocotools": pycocotools_matching,
    "frame": ours_frame,
    "frame-datumaro": datumaro_frame,
    "spans": ours_spans,
    "spans-seqeval": seqeval_spans,
}
AGAIN = {"frame": 200, "frame-datumaro": 5}
"""Calls that are timed together, after one that is not; else the first call is the one timed."""


def main(arguments: list[str]) -> int:
    """Make the data, forget the largest size so far, and time the work."""
    name, size = arguments
    work = JOBS[name](int(size))
    calls = AGAIN.get(name, 1)
    if calls > 1:
        work()
    with contextlib.suppress(OSError):
        Path("/proc/self/clear_refs").write_text("5", encoding="ascii")
    wall, cpu = time.perf_counter(), time.process_time()
    for _ in range(calls):
        told = work()
    used = {"cpu_s": (time.process_time() - cpu) / calls, "wall_s": (time.perf_counter() - wall) / calls}
    print(orjson.dumps({**used, "peak_mb": _largest(), "told": told}).decode())
    return 0


def _largest() -> float:
    """The largest resident set since the kernel's mark of it was reset."""
    try:
        status = Path("/proc/self/status").read_text(encoding="utf-8")
    except OSError:
        return getrusage(RUSAGE_SELF).ru_maxrss / 1024
    return next(int(line.split()[1]) for line in status.splitlines() if line.startswith("VmHWM")) / 1024


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

"""A street drawn by hand: pictures of simple scenes, and boxes on them by gold and by people who err."""

from __future__ import annotations

import base64
import io
import random
from dataclasses import dataclass, replace
from functools import cache

from PIL import Image, ImageDraw

from tests.judge.located_desk import Desk
from tests.judge.located_marks import Drawn, box

CLASSES = ("car", "pedestrian", "bicycle", "bus", "traffic light")
SIZE = (1280, 800)
_HORIZON = 330
_SIZES = {0: (0.30, 0.20), 1: (0.07, 0.22), 2: (0.18, 0.15), 3: (0.34, 0.34), 4: (0.035, 0.10)}
_COATS = ("#7A8B99", "#8A4B45", "#4C6A8A", "#6B7A4F", "#9A8C6B", "#3F4A5A")


@dataclass(frozen=True)
class Thing:
    """One thing in a scene: its class and its box in pixels."""

    label: int
    x: int
    y: int
    w: int
    h: int

    def drawn(self) -> Drawn:
        return box(self.x, self.y, self.w, self.h, label=self.label)


def things(seed: int) -> list[Thing]:
    """What stands in the street: larger towards the viewer, lights at the side."""
    draw = random.Random(seed)
    out = []
    for _ in range(draw.randint(7, 10)):
        label = draw.choices(range(5), (6, 4, 2, 1, 2))[0]
        depth = draw.uniform(0.12, 1.0)
        w, h = (round(part * depth * 1100) for part in _SIZES[label])
        foot = _HORIZON + round(depth * 420)
        y = foot - h if label != 4 else max(40, _HORIZON - h - round(60 * depth))
        thing = Thing(label, draw.randint(20, SIZE[0] - w - 20), max(10, y), max(w, 8), max(h, 10))
        if all(_share(thing, other) < 0.25 for other in out):
            out.append(thing)
    return sorted(out, key=lambda thing: thing.y + thing.h)


def _share(one: Thing, other: Thing) -> float:
    wide = min(one.x + one.w, other.x + other.w) - max(one.x, other.x)
    high = min(one.y + one.h, other.y + other.h) - max(one.y, other.y)
    return max(wide, 0) * max(high, 0) / min(one.w * one.h, other.w * other.h)


@cache
def picture(seed: int) -> str:
    """The scene as a data address of a small JPEG."""
    image = Image.new("RGB", SIZE, "#5B6784" if seed % 3 else "#1D2333")
    pen = ImageDraw.Draw(image)
    for x in range(0, SIZE[0], 160):
        top = 90 + (x * 7 + seed * 31) % 130
        pen.rectangle((x, top, x + 150, _HORIZON), fill="#6F625F" if seed % 3 else "#2B2A33")
    pen.rectangle((0, _HORIZON, *SIZE), fill="#55555F" if seed % 3 else "#26262E")
    for at, thing in enumerate(things(seed)):
        _paint(pen, thing, _COATS[(at + seed) % len(_COATS)])
    out = io.BytesIO()
    image.resize((640, 400)).save(out, "JPEG", quality=70)
    return "data:image/jpeg;base64," + base64.b64encode(out.getvalue()).decode()


def _paint(pen: ImageDraw.ImageDraw, thing: Thing, coat: str) -> None:
    x, y, w, h = thing.x, thing.y, thing.w, thing.h
    if thing.label in (0, 3):
        pen.rounded_rectangle((x, y + h * 0.3 * (thing.label == 0), x + w, y + h * 0.88), h // 8, fill=coat)
        pen.rounded_rectangle((x + w * 0.15, y, x + w * 0.85, y + h * 0.5), h // 8, fill="#2A3140")
        for wheel in (0.2, 0.8):
            pen.ellipse(
                (x + w * wheel - h * 0.12, y + h * 0.76, x + w * wheel + h * 0.12, y + h), fill="#15161A"
            )
    elif thing.label == 1:
        pen.ellipse((x + w * 0.25, y, x + w * 0.75, y + h * 0.2), fill="#C69C7B")
        pen.rounded_rectangle((x, y + h * 0.2, x + w, y + h * 0.62), w // 4, fill=coat)
        for leg in (0.12, 0.58):
            pen.rectangle((x + w * leg, y + h * 0.6, x + w * (leg + 0.3), y + h), fill="#22242B")
    elif thing.label == 2:
        for wheel in (0.0, 0.55):
            pen.ellipse(
                (x + w * wheel, y + h * 0.4, x + w * (wheel + 0.45), y + h), outline="#15161A", width=4
            )
        pen.line((x + w * 0.22, y + h * 0.7, x + w * 0.4, y, x + w * 0.78, y + h * 0.7), fill=coat, width=6)
    else:
        pen.rectangle((x, y, x + w, y + h), fill="#17181C")
        pen.ellipse((x + w * 0.2, y + h * 0.65, x + w * 0.8, y + h * 0.95), fill="#4CC38A")


def person(seed: int, who: int) -> list[Drawn]:
    """The boxes of one person, who misses what is small, draws some loosely and takes a bus for a car."""
    draw = random.Random(seed * 7 + who)
    out = []
    for thing in things(seed):
        if min(thing.w, thing.h) < 30 and draw.random() < 0.6:
            continue
        near = 3 if draw.random() < 0.8 else round(0.45 * min(thing.w, thing.h))
        moved = replace(
            thing,
            label=0 if thing.label == 3 and draw.random() < 0.7 else thing.label,
            x=max(0, thing.x + draw.randint(-near, near)),
            y=max(0, thing.y + draw.randint(-near, near)),
            w=max(4, thing.w + draw.randint(-near, near)),
            h=max(4, thing.h + draw.randint(-near, near)),
        )
        if thing.label == 0 and thing.w > 150 and draw.random() < 0.15:
            half = moved.w // 2
            out += [replace(moved, w=half).drawn(), replace(moved, x=moved.x + half, w=half).drawn()]
        else:
            out.append(moved.drawn())
    if draw.random() < 0.4:
        out.append(box(draw.randint(100, 1000), 300, 60, 90, label=1))
    return out


def streets(number: int = 12) -> list[Desk]:
    """Items of two people each, two in three with gold."""
    return [
        Desk(
            f"{seed:04}.jpg",
            {f"annotator-{who:02}": person(seed, who) for who in (3 + seed % 2, 11)},
            [thing.drawn() for thing in things(seed)] if seed % 3 != 1 else None,
            SIZE,
        )
        for seed in range(401, 401 + number)
    ]

"""Reliability diagrams as SVG: where the network says 80 %, is it right in 80 of 100? Dots on the diagonal say so.

Drawn as on the app's evidence pages: a dot at the mean confidence and the share right of each bin, its area by the
number of pictures, its whisker the 95 % interval. Below each diagram the pictures per bin. The picture brings its own
ground, so that it is legible whatever the page around it.
"""

from collections.abc import Mapping, Sequence
from html import escape
from typing import Any, Final

COLUMNS: Final = 4
WIDTH, HEIGHT = 200, 262
"""Of one diagram with everything around it, in pixels."""
LEFT, TOP, SIDE = 40, 44, 150
BARS_TOP, BARS_HEIGHT = TOP + SIDE + 4, 26
SMALLEST, LARGEST = 2.0, 6.5
"""Radius of a dot."""
TICKS: Final = (0.0, 0.5, 1.0)

STYLE: Final = """
text { font: 12px system-ui, sans-serif; fill: #4a566b }
.name { font-size: 13px; font-weight: 600; fill: #17202e }
.ground { fill: #fff }
.grid { stroke: #dce0e8 }
.diagonal { stroke: #838ea1; stroke-dasharray: 4 4 }
.dot { fill: #27407a; stroke: #fff }
.whisker { stroke: #27407a; stroke-width: 1.5; stroke-linecap: round; opacity: .55 }
.bar { fill: #838ea1 }
@media (prefers-color-scheme: dark) {
text { fill: #9ba6b6 }
.name { fill: #e6edf3 }
.ground { fill: #0d1117 }
.grid { stroke: #2b323c }
.diagonal { stroke: #6e7885 }
.dot { fill: #8fb0ff; stroke: #0d1117 }
.whisker { stroke: #8fb0ff }
.bar { fill: #5b6675 }
}
"""
LEGEND: Final = (
    "across: confidence",
    "up: share that is right",
    "dot: a bin of confidence,",
    "area by its pictures",
    "line: its 95 % interval",
    "dashed: perfect calibration",
    "bars: pictures of each bin,",
    "height by square root",
)


def reliability_diagrams(name: str, by_field: Mapping[str, Mapping[str, Any]]) -> str:
    """SVG text: one diagram per field of the evidence of the set `name`, then what the marks mean."""
    drawings = [_diagram(field, figures) for field, figures in by_field.items()]
    drawings.append([_text(8, TOP + 16 + 19 * line, words, "start") for line, words in enumerate(LEGEND)])
    width, height = COLUMNS * WIDTH, -(-len(drawings) // COLUMNS) * HEIGHT
    size = f'width="{width}" height="{height}"'
    lines = [
        f'<svg xmlns="http://www.w3.org/2000/svg" {size} viewBox="0 0 {width} {height}" role="img">',
        f"<title>How often it is right at which confidence: {escape(name)}</title>",
        f"<style>{STYLE}</style>",
        f'<rect class="ground" {size}/>',
    ]
    for place, drawing in enumerate(drawings):
        row, column = divmod(place, COLUMNS)
        lines += [f'<g transform="translate({column * WIDTH} {row * HEIGHT})">', *drawing, "</g>"]
    return "\n".join([*lines, "</svg>", ""])


def _diagram(field: str, figures: Mapping[str, Any]) -> list[str]:
    bins, (low, high) = figures["bins"], figures["calibration_error_interval"]
    most = max(each["n"] for each in bins)
    error = f"error {figures['calibration_error']:.3f} ({low:.3f}–{high:.3f})"
    return [
        _text(LEFT, 16, field, "start", "name"),
        _text(LEFT, 33, error, "start"),
        *_grid(),
        _line("diagonal", _x(0), _y(0), _x(1), _y(1)),
        *(_bar(each, most) for each in bins),
        _text(LEFT, BARS_TOP + BARS_HEIGHT + 28, f"n {figures['n']:,}, fullest bin {most:,}", "start"),
        *(mark for each in bins for mark in _dot(each, most)),
    ]


def _grid() -> list[str]:
    marks = []
    for share in TICKS:
        marks += [_line("grid", _x(share), _y(0), _x(share), _y(1)), _line("grid", _x(0), _y(share), _x(1), _y(share))]
        marks.append(_text(_x(share), BARS_TOP + BARS_HEIGHT + 13, f"{share:.0%}", "end" if share == 1 else "middle"))
        marks.append(_text(LEFT - 5, _y(share) + 4, f"{share:.0%}", "end"))
    return marks


def _dot(each: Mapping[str, Any], most: int) -> Sequence[str]:
    x, (low, high) = _x(each["confidence"]), each["interval"]
    radius = max(SMALLEST, LARGEST * (each["n"] / most) ** 0.5)
    dot = f'<circle class="dot" cx="{x:.1f}" cy="{_y(each["accuracy"]):.1f}" r="{radius:.1f}"/>'
    return _line("whisker", x, _y(low), x, _y(high)), dot


def _bar(each: Mapping[str, Any], most: int) -> str:
    left, right = _x(each["from"]) + 0.5, _x(each["to"]) - 0.5
    height = max(1.0, BARS_HEIGHT * (each["n"] / most) ** 0.5)
    place = f'x="{left:.1f}" y="{BARS_TOP + BARS_HEIGHT - height:.1f}"'
    return f'<rect class="bar" {place} width="{right - left:.1f}" height="{height:.1f}"/>'


def _x(share: float) -> float:
    return LEFT + SIDE * share


def _y(share: float) -> float:
    return TOP + SIDE * (1 - share)


def _line(kind: str, x1: float, y1: float, x2: float, y2: float) -> str:
    return f'<line class="{kind}" x1="{x1:.1f}" y1="{y1:.1f}" x2="{x2:.1f}" y2="{y2:.1f}"/>'


def _text(x: float, y: float, words: str, anchor: str, kind: str = "tick") -> str:
    return f'<text class="{kind}" x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}">{escape(words)}</text>'

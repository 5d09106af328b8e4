"""The model card: the part of README.md between two marks, and its diagrams, said by an artifact's own figures.

Nothing here is written by hand, so nothing can go stale unnoticed: `stale_files` tells what no longer says what the
artifact says, and a test asks it about the one that ships.
"""

import json
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from textwrap import wrap
from typing import Any, Final

from ml.artifact import EVIDENCE_FILE, Card, display_name, load, read_extra
from ml.errors import MlError
from ml.fields import CATEGORY
from ml.label_noise import disagreements_text
from ml.layouts import PHONE, PLAIN, STUDIO
from ml.reliability import reliability_diagrams
from ml.splits import CALIBRATE, REPORT, TRAIN, TUNE

BEGIN: Final = "<!-- model card: begin -->"
END: Final = "<!-- model card: end -->"
README_FILE: Final = "README.md"
NOISE_FILE: Final = "label_noise.json"
NONPRODUCTS_FILE: Final = "nonproducts.json"
WORST: Final = 3
LINE_WIDTH: Final = 128
UNTOLD: Final = frozenset({"trunk", "checkpoint_seconds"})
"""Of the training configuration: told elsewhere, or of no influence on the result."""

WRITTEN: Final = """
The first command measures the figures again, the next two label noise and pictures of no product. The last writes this
part of the text and its diagrams, from `card.json` and `evidence.json` of the artifact and the JSON files here; with
`--check` it tells whether all still say the same.
"""
COMMANDS: Final = (
    "```",
    "python -m ml evaluate --data DATA/fashion-products DATA/phone-photos --split report --json FILE",
    "python -m ml noise --data DATA/fashion-products DATA/phone-photos --json ml/label_noise.json",
    "python -m ml nonproducts --data DATA/fashion-mnist --json ml/nonproducts.json",
    "python -m ml card",
    "```",
    "",
)
FIGURES: Final = """
Report side, measured on the stored artifact after reading it back. In brackets 95 % intervals: Wilson for accuracy;
bootstrap over pictures for macro-F1 and calibration error, which leans upwards for both (a rare value that a resample
misses no longer counts). Coverage is the share on which the model does not abstain, precision its accuracy there.
"""
NOISE: Final = """
Twins have identical pixels under several ids. *Agree*: groups with one value. *Ceiling*: the best accuracy that any
model can reach on twins, saying what the majority of each group bears. A twin may be an entry copied with its labels,
so that is the most to expect. *Neighbours*: pictures whose ids follow each other, whatever they show. *Look-alikes*:
different pictures of the report and calibrate side that are each other's nearest to a network, the closest tenth of
such pairs; an eye may still tell some apart.
"""
NONPRODUCTS: Final = """
Share of pictures that the model finds unfamiliar, whose three category levels all stay empty, and whose single fields
do. *Not fitted on*: unfamiliar had this kind been left out of the fit. The report side is the price: real products.
"""

Figures = Mapping[str, Any]
Sets = Mapping[str, Mapping[str, Figures]]
"""Evidence by set of pictures (`studio`, `phone`) and field."""


def write_card(artifact: Path, folder: Path) -> None:
    """Bring README.md and the diagrams in `folder` up to date; MlError where artifact or README cannot be used."""
    for file, text in card_files(artifact, folder).items():
        file.parent.mkdir(exist_ok=True)
        file.write_text(text)


def stale_files(artifact: Path, folder: Path) -> list[Path]:
    """What `write_card` would change."""
    files = card_files(artifact, folder)
    return [file for file, text in files.items() if not file.is_file() or file.read_text() != text]


def card_files(artifact: Path, folder: Path) -> dict[Path, str]:
    """The text of README.md and of each diagram as the artifact and the figures in `folder` have it."""
    loaded = load(artifact)
    sets: Sets = json.loads(read_extra(artifact, EVIDENCE_FILE))["sets"]
    parts = [
        _identity(loaded.card, loaded.sha256),
        _figures(sets),
        _confusions(sets),
        _never_predicted(sets),
        _calibration(sets),
        _nonproducts(_read(folder / NONPRODUCTS_FILE), display_name(loaded.card, loaded.sha256)),
        _label_noise(_read(folder / NOISE_FILE), sets),
    ]
    readme = folder / README_FILE
    diagrams = {folder / _diagram(name): reliability_diagrams(name, sets[name]) for name in sets}
    return {readme: _replaced(readme, "\n".join(line for part in parts for line in part)), **diagrams}


def _read(file: Path) -> Any:
    return json.loads(file.read_text()) if file.is_file() else None


def _replaced(readme: Path, text: str) -> str:
    before, begin, rest = readme.read_text().partition(BEGIN)
    _, end, after = rest.partition(END)
    if not (begin and end):
        raise MlError(f"{readme}: the marks {BEGIN} and {END} are not there.")
    return f"{before}{BEGIN}\n\n{text}\n{END}{after}"


def _identity(card: Card, sha256: str) -> list[str]:
    size, counts = card.preprocessing, card.data["pictures"]
    classes = [f"{'category paths' if each == CATEGORY else each} {n}" for each, n in card.vocabulary.sizes.items()]
    domains = [each for each in (STUDIO, PHONE, PLAIN) if any(each in side for side in counts.values())]
    sides = [side for side in (TRAIN, TUNE, CALIBRATE, REPORT) if side in counts]
    return [
        *_paragraph(WRITTEN),
        *COMMANDS,
        *_paragraph(
            f"`{display_name(card, sha256)}` of {card.created[:10]}: {card.trunk}, {size.height} × {size.width} px. "
            f"Values known: {', '.join(classes)}. SHA-256 of card and weights: `{sha256}`."
        ),
        *_table(
            ("pictures", *sides), ([each, *(f"{counts[side].get(each, 0):,}" for side in sides)] for each in domains)
        ),
        *_paragraph(f"Split: {card.data['split']}."),
        *_paragraph(
            f"Training (the last phase, where there are several): {_told(card.training)}. "
            "Augmentation, history and versions of libraries are in `card.json`."
        ),
    ]


def _told(training: Mapping[str, Any]) -> str:
    plain = {key: value for key, value in training.items() if isinstance(value, int | float | str)}
    told = [f"{key.replace('_', ' ')} {value}" for key, value in plain.items() if key not in UNTOLD]
    weights = ", ".join(f"{head} {weight}" for head, weight in training.get("loss_weights", {}).items())
    return ", ".join(told) + (f"; weights of the losses: {weights}" if weights else "")


def _figures(sets: Sets) -> list[str]:
    headers = ("pictures", "field", "n", "accuracy", "top-3", "macro-F1", "calibration error", "coverage", "precision")
    return [
        "### Figures",
        "",
        *_paragraph(FIGURES),
        *_table(headers, ([name, field, *_figure_cells(row)] for name, field, row in _rows(sets))),
    ]


def _figure_cells(row: Figures) -> list[str]:
    precision = row["precision"]
    return [
        f"{row['n']:,}",
        _with_interval(row, "accuracy"),
        f"{row['top_3']:.4f}",
        _with_interval(row, "macro_f1"),
        _with_interval(row, "calibration_error"),
        f"{row['coverage']:.3f}",
        "–" if precision is None else f"{precision:.4f}",
    ]


def _with_interval(row: Figures, key: str) -> str:
    low, high = row[f"{key}_interval"]
    return f"{row[key]:.4f} ({low:.3f}–{high:.3f})"


def _confusions(sets: Sets) -> list[str]:
    return [
        "### Worst confusions",
        "",
        *_paragraph("Actual → predicted, how often, and which share of the actual value's pictures that is."),
        *_table(
            ("pictures", "field", "most frequent", "second", "third"),
            ([name, field, *_worst(row)] for name, field, row in _rows(sets)),
        ),
    ]


def _worst(row: Figures) -> list[str]:
    pictures = {each["value"]: each["n"] for each in row["values"]}
    wrong = [cell for cell in row["cells"] if cell[0] != cell[1]][:WORST]
    cells = [f"{actual} → {said}: {n} ({_percent(n / pictures[actual])})" for actual, said, n in wrong]
    return cells + ["–"] * (WORST - len(cells))


def _never_predicted(sets: Sets) -> list[str]:
    rows = []
    for name, field, row in _rows(sets):
        never = [each for each in row["values"] if each["precision"] is None]
        first = ", ".join(f"{each['value']} ({each['n']})" for each in never[:WORST])
        pictures = sum(each["n"] for each in never)
        rows.append(
            [name, field, str(len(row["values"])), str(len(never)), _percent(pictures / row["n"]), first or "–"]
        )
    return [
        "### Values it never predicts",
        "",
        *_paragraph("Of those that occur on the report side. Each counts as 0 in macro-F1, however rare it is."),
        *_table(
            ("pictures", "field", "occur", "never predicted", "of the pictures", "the most frequent of them"), rows
        ),
    ]


def _calibration(sets: Sets) -> list[str]:
    lines = ["### Calibration", ""]
    for name, by_field in sets.items():
        worst = max(by_field, key=lambda field: by_field[field]["calibration_error"])
        row = by_field[worst]
        said = sum(each["n"] * each["confidence"] for each in row["bins"]) / row["n"]
        way = "too sure" if said > row["accuracy"] else "too modest"
        lines += _paragraph(
            f"{name.capitalize()}: farthest off is {worst}, by {row['calibration_error']:.3f}: mean confidence "
            f"{said:.3f}, right {row['accuracy']:.3f}, so rather {way}."
        )
        lines += [f"![How often it is right at which confidence, {name} pictures]({_diagram(name)})", ""]
    return lines


def _diagram(name: str) -> str:
    return f"figures/calibration-{name}.svg"


def _nonproducts(study: Any, model: str) -> list[str]:
    if study is None:
        return []
    kinds: Mapping[str, Figures] = study["kinds"]
    strangers = [kind for kind in kinds if not kind.endswith(f" {REPORT}")]
    least = min(strangers, key=lambda kind: float(kinds[kind]["categories_empty"]))
    measured = "" if study["model"] == model else f"Measured on another model than this: `{study['model']}`."
    fields = list(next(iter(kinds.values()))["empty"])
    totals = ("unfamiliar", "unfamiliar_unfitted", "categories_empty")
    rows = [
        [kind, f"{row['n']:,}", *(_percent(row[key]) for key in totals), *map(_percent, row["empty"].values())]
        for kind, row in kinds.items()
    ]
    return [
        "### Pictures of no product",
        "",
        *_paragraph(
            f"{NONPRODUCTS} {measured} Categories stay empty least often for {least}: "
            f"{_percent(kinds[least]['categories_empty'])}."
        ),
        *_table(("pictures", "n", "unfamiliar", "not fitted on", "categories empty", *fields), rows),
    ]


def _label_noise(noise: Any, sets: Sets) -> list[str]:
    if noise is None:
        return []
    lines = ["### Label noise", ""]
    for domain, figures in noise["domains"].items():
        if figures["groups"]:
            lines += _noise_of(domain, figures, sets.get(domain, {}), noise["model"])
        else:
            lines += _paragraph(f"Among {figures['pictures']:,} {domain} pictures there are no twins.")
    return lines


def _noise_of(domain: str, figures: Figures, by_field: Mapping[str, Figures], model: str) -> list[str]:
    alike, near = figures["look_alikes"], figures["neighbours"]["fields"]
    headers = ("field", "groups", "agree", "ceiling", "look-alikes", "neighbours", "the model", "twins disagree on")
    rows = [
        [
            field,
            str(row["groups"]),
            _with_interval(row, "agree"),
            f"{row['ceiling']:.4f}",
            _with_interval(alike["fields"][field], "agree") if field in alike["fields"] else "–",
            f"{near[field]['agree']:.3f}" if field in near else "–",
            f"{by_field[field]['accuracy']:.4f}" if field in by_field else "–",
            disagreements_text(row["disagreements"]) or "–",
        ]
        for field, row in figures["fields"].items()
    ]
    look_alike = f"Here to `{model}`, from a cosine of {alike['cosine']} on." if alike["fields"] else ""
    return [
        *_paragraph(
            f"{figures['twins']:,} of {figures['pictures']:,} {domain} pictures are twins, "
            f"in {figures['groups']} groups. "
            f"{NOISE} {look_alike}"
        ),
        *_table(headers, rows),
        *_noise_findings(figures, by_field),
    ]


def _noise_findings(figures: Figures, by_field: Mapping[str, Figures]) -> list[str]:
    """What follows, field by field, where anything does."""
    alike, near = figures["look_alikes"]["fields"], figures["neighbours"]["fields"]
    lines = []
    for field, twins in figures["fields"].items():
        accuracy = by_field[field]["accuracy"] if field in by_field else 1
        if field in near and near[field]["agree"] > accuracy:
            lines.append(
                f"- {field}: the value of the next id is right more often ({near[field]['agree']:.3f}) than the "
                f"network that sees the picture ({accuracy:.3f}): it follows what was entered together."
            )
        if field in alike and alike[field]["agree_interval"][1] < twins["agree_interval"][0]:
            lines.append(
                f"- {field}: {_percent(1 - alike[field]['agree'])} of the look-alikes bear different values, but "
                f"{_percent(1 - twins['agree'])} of the groups of twins."
            )
    return [line for bullet in lines for line in _wrapped(bullet, "  ")] + [""] * bool(lines)


def _rows(sets: Sets) -> list[tuple[str, str, Figures]]:
    return [(name, field, row) for name, by_field in sets.items() for field, row in by_field.items()]


def _percent(share: float | None) -> str:
    if share is None:
        return "–"
    return f"{share * 100:.{0 if share >= 0.1 or not share else 1}f} %"


def _paragraph(text: str) -> list[str]:
    """Lines as long as those around them, and an empty one."""
    return [*_wrapped(text), ""]


def _wrapped(text: str, indent: str = "") -> list[str]:
    words = " ".join(text.split())
    return wrap(words, LINE_WIDTH, subsequent_indent=indent, break_long_words=False, break_on_hyphens=False)


def _table(headers: Sequence[str], rows: Iterable[Sequence[str]]) -> list[str]:
    """A Markdown table and an empty line."""
    return [_line(headers), "|---" * len(headers) + "|", *map(_line, rows), ""]


def _line(cells: Sequence[str]) -> str:
    return f"| {' | '.join(cells)} |"

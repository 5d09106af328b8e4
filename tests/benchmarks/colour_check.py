"""Whether a colour that the photo's own pixels contradict is wrong more often than its confidence says.

    R=tests/benchmarks/results
    python -m tests.benchmarks.colour_check --data DATA/fashion-products DATA/phone-photos --out $R/colour_check.json

Pictures of the train side made the reference. The odds from which a colour counts as contradicted were chosen by what
the tune and calibrate sides say of several; of the report side only those in use are measured. `expected` is the share
of wrong colours that the confidences promise. Phone photos have no colours: `--sheet` draws some of the report side
whose colour is contradicted, for an eye to judge. Cost is CPU time, beside that of reading the same files.
"""

import argparse
import json
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np
import torch
from numpy.typing import NDArray
from PIL import Image, ImageDraw

from ml.artifact import DEFAULT_PATH
from ml.bench import machine
from ml.calibration import BANDS
from ml.colour_check import CLEARLY, ColourReference, histograms_of, shipped_reference
from ml.dataset import decode, split
from ml.evidence import wilson
from ml.layouts import PHONE, STUDIO, Example, read_folders
from ml.parallel import one_thread
from ml.predictor import Predictor
from ml.splits import CALIBRATE, REPORT, TUNE

ODDS_TRIED: Final = (1.5, 2.0, 3.0, 4.0, 6.0, 12.0)
METALS_AND_SKIN: Final = frozenset({"Silver", "Gold", "Steel", "Skin"})
TIMED_PICTURES: Final = 256
SHEET: Final = (6, 5)


@dataclass(frozen=True)
class Judged:
    """N pictures: canvases uint8 [N, H, W, 3], the network's colours with confidence and band, and per picture the odds
    against that colour, the colour that the pixels are likeliest of, and the true one (empty where none is known)."""

    canvases: torch.Tensor
    values: NDArray[np.str_]
    confidences: NDArray[np.float64]
    bands: NDArray[np.str_]
    odds: NDArray[np.float64]
    likeliest: NDArray[np.str_]
    truths: NDArray[np.str_]

    @property
    def is_wrong(self) -> NDArray[np.bool_]:
        return np.asarray(self.values != self.truths)


def judge(predictor: Predictor, reference: ColourReference, examples: Sequence[Example]) -> Judged:
    canvases = decode([each.picture for each in examples], predictor.preprocessing, "pictures")
    said = [row["colour"] for row in predictor.predict_embeddings(predictor.embed_canvases(canvases))]
    found = histograms_of(reference, canvases)
    numbers = torch.tensor([reference.names.index(each.value) if reference.knows(each.value) else 0 for each in said])
    odds = reference.odds_against(numbers, found).numpy().astype(np.float64)
    return Judged(
        canvases=canvases,
        values=np.array([each.value for each in said]),
        confidences=np.array([each.confidence for each in said]),
        bands=np.array([each.band for each in said]),
        odds=np.where([reference.knows(each.value) for each in said], odds, 1.0),
        likeliest=np.array(reference.names)[reference.log_probabilities(found).argmax(1).numpy()],
        truths=np.array([each.labels.get("colour", "") for each in examples]),
    )


def shares(judged: Judged, rows: NDArray[np.bool_]) -> dict[str, Any]:
    n, wrong = int(rows.sum()), int(judged.is_wrong[rows].sum())
    if not n:
        return {"n": 0}
    return {
        "n": n,
        "wrong": wrong,
        "wrong_share": round(wrong / n, 4),
        "wrong_interval": wilson(wrong, n),
        "expected": round(1 - float(judged.confidences[rows].mean()), 4),
        "likeliest_right": round(float((judged.likeliest == judged.truths)[rows].mean()), 4),
    }


def contradictions(judged: Judged, odds: float) -> dict[str, Any]:
    """What is wrong among the contradicted and among all, by band, and what the kept bands hold before and after."""
    contradicted = judged.odds >= odds
    lowered = np.array([_lowered(*each) for each in zip(judged.bands, contradicted, strict=True)])
    special = np.isin(judged.values, list(METALS_AND_SKIN))
    return {
        "odds": odds,
        "contradicted": {band: shares(judged, contradicted & (judged.bands == band)) for band in BANDS},
        "all": {band: shares(judged, judged.bands == band) for band in BANDS},
        "contradicted_metals_and_skin": shares(judged, contradicted & special),
        "kept_before": _kept(judged, judged.bands),
        "kept_after": _kept(judged, lowered),
        "by_confidence_alone": _by_confidence_alone(judged, int((lowered != "unsure").sum())),
    }


def _lowered(band: str, is_contradicted: bool) -> str:
    return BANDS[min(BANDS.index(band) + int(is_contradicted), 2)]


def _kept(judged: Judged, bands: NDArray[np.str_]) -> dict[str, Any]:
    chosen = {"sure": bands == "sure", "check": bands == "check", "both": bands != "unsure"}
    return {
        name: {"coverage": round(float(rows.mean()), 4), "precision": round(float(1 - judged.is_wrong[rows].mean()), 4)}
        for name, rows in chosen.items()
    }


def _by_confidence_alone(judged: Judged, count: int) -> dict[str, float]:
    """Had as many been kept by raising the threshold instead: the fair rival."""
    kept = np.where(judged.bands != "unsure", judged.confidences, 0).argsort()[::-1][:count]
    return {"precision": round(float(1 - judged.is_wrong[kept].mean()), 4)}


def cost(predictor: Predictor, files: Sequence[Path]) -> dict[str, float]:
    """CPU milliseconds a picture: reading files as a worker does, and the check within it."""
    started = time.process_time()
    predictor.read_files(files)
    whole = time.process_time() - started
    canvases = decode(files, predictor.preprocessing, "pictures")
    names = [shipped_reference().names[0]] * len(files)
    started = time.process_time()
    with one_thread():
        shipped_reference().contradicts(names, canvases)
    check = time.process_time() - started
    return {
        "reading_ms": round(1000 * whole / len(files), 3),
        "check_ms": round(1000 * check / len(files), 3),
        "share": round(check / whole, 4),
    }


def draw_sheet(judged: Judged, file: Path) -> None:
    """Contradicted pictures, evenly from all that are, with what the network and what the pixels say."""
    rows = np.flatnonzero(judged.odds >= CLEARLY)
    chosen = rows[np.linspace(0, len(rows) - 1, min(len(rows), SHEET[0] * SHEET[1])).astype(int)]
    sheet = Image.new("RGB", (SHEET[0] * 190, SHEET[1] * 175), "white")
    pen = ImageDraw.Draw(sheet)
    for number, row in enumerate(chosen):
        x, y = number % SHEET[0] * 190, number // SHEET[0] * 175
        sheet.paste(Image.fromarray(judged.canvases[row].numpy()), (x, y))
        said = f"{judged.values[row]} {judged.confidences[row]:.2f}"
        pen.text(
            (x, y + 130), f"{number + 1}: {said}\nnot {judged.likeliest[row]}? odds {judged.odds[row]:.0f}", "black"
        )
    sheet.save(file)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, nargs="+", required=True)
    parser.add_argument("--artifact", type=Path, default=DEFAULT_PATH)
    parser.add_argument("--sheet", type=Path, metavar="FILE.png")
    parser.add_argument("--out", type=Path, required=True, metavar="FILE.json")
    options = parser.parse_args()
    predictor, reference = Predictor.load(options.artifact, engine="onnx"), shipped_reference()
    by_side = split(read_folders(options.data))
    coloured = {
        side: [each for each in examples if each.domain == STUDIO and "colour" in each.labels]
        for side, examples in by_side.items()
    }
    chosen_on = judge(predictor, reference, coloured[TUNE] + coloured[CALIBRATE])
    phone = judge(predictor, reference, [each for each in by_side[REPORT] if each.domain == PHONE])
    if options.sheet:
        draw_sheet(phone, options.sheet)
    report = {
        "machine": machine.describe(),
        "model": predictor.name,
        "tune and calibrate": [contradictions(chosen_on, odds) for odds in ODDS_TRIED],
        "report": contradictions(judge(predictor, reference, coloured[REPORT]), CLEARLY),
        "phone": {
            "n": len(phone.values),
            "contradicted": {band: int(((phone.odds >= CLEARLY) & (phone.bands == band)).sum()) for band in BANDS},
            "all": {band: int((phone.bands == band).sum()) for band in BANDS},
        },
        "cost": cost(predictor, [each.picture for each in by_side[REPORT] if each.domain == PHONE][:TIMED_PICTURES]),
    }
    options.out.write_text(json.dumps(report, indent=1) + "\n")
    print(json.dumps(report, indent=1))


if __name__ == "__main__":
    main()

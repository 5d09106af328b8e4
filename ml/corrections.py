"""Do some people's corrections help with other people's photos, and is anything forgotten? Measured on phone photos.

The shipped model reads most long trousers on phone photos as shorts: their label `Pants` was known to its training
only as far as the subcategory. Here people of the train side confirm their photos as they come, right ones and wrong
ones; the heads are refitted as in a retraining; the photos of the people of the report side, whom neither trunk nor
heads have seen, tell whether the mistake is gone.
"""

import random
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from itertools import product
from pathlib import Path
from typing import Any, Final

from rich.box import SIMPLE
from rich.table import Table

from ml.artifact import Artifact, load
from ml.comparison import compare, verdict
from ml.embeddings import EmbeddingTable, embed_examples
from ml.evidence import wilson
from ml.fields import ARTICLE_TYPE, CATEGORY_FIELDS
from ml.gear import RetrainJob
from ml.heads import HeadsConfig
from ml.layouts import PHONE_LABELS, read_folder, read_rows
from ml.material import Material, gather
from ml.network import choose_device
from ml.outcomes import outcomes
from ml.predictor import Predictor
from ml.refitting import refit_on
from ml.retrain import candidate_of
from ml.splits import REPORT, TRAIN

SIZES: Final = (50, 200, 1000)
PANTS: Final = "Pants"
SHORTS: Final = "Shorts"
LONG: Final = ("Trousers", "Jeans", "Track Pants", "Leggings", "Jeggings", "Tights", "Churidar", "Salwar", "Patiala")
"""Article types that are right for `Pants`; the first is what a person corrects a wrong one to."""


@dataclass(frozen=True)
class Photo:
    """A phone photo: its row in the table, its label in the data set and its person."""

    row: int
    label: str
    person: str


@dataclass(frozen=True)
class Phones:
    """All phone photos, embedded, and what the model says of each (article type)."""

    table: EmbeddingTable
    photos: Sequence[Photo]
    said: Sequence[str]

    def of_side(self, side: str) -> list[Photo]:
        return [photo for photo in self.photos if self.table.sides[photo.row] == side]

    def labelled(self, photos: Sequence[Photo]) -> EmbeddingTable:
        """The photos with the labels that a person would confirm."""
        table = self.table.take([photo.row for photo in photos])
        return replace(table, labels=[self._confirmed(photo) for photo in photos])

    def is_correction(self, photo: Photo) -> bool:
        return self._confirmed(photo).get(ARTICLE_TYPE, self.said[photo.row]) != self.said[photo.row]

    def _confirmed(self, photo: Photo) -> dict[str, str]:
        path = PHONE_LABELS[photo.label]
        if photo.label == PANTS:
            said = self.said[photo.row]
            path = (*path, said if said in LONG else LONG[0])
        return dict(zip(CATEGORY_FIELDS, path, strict=False))


def study(
    path: Path,
    folder: Path,
    seeds: Sequence[int],
    progress: Callable[[float], None] = lambda share: None,
    config: HeadsConfig | None = None,
) -> dict[str, Any]:
    """One refit per number of photos and seed; shares are in [0, 1], counts are of photos."""
    active = load(path)
    predictor = Predictor(active, choose_device())
    job = RetrainJob(path, EmbeddingTable.empty(), path, heads=config or HeadsConfig())
    material = gather(path, predictor, EmbeddingTable.empty(), ())
    phones = _read(predictor, folder)
    runs = []
    for number, (size, seed) in enumerate(product(SIZES, seeds)):
        runs.append(_run(job, active, material, phones, size, seed))
        progress((number + 1) / (len(SIZES) * len(seeds)))
    return {
        "model": predictor.name,
        "config": asdict(job.heads),
        "people": {side: len({photo.person for photo in phones.of_side(side)}) for side in (TRAIN, REPORT)},
        "summary": [_summary([run for run in runs if run["photos"] == size]) for size in SIZES],
        "runs": runs,
    }


def _read(predictor: Predictor, folder: Path) -> Phones:
    examples = [example for example in read_folder(folder) if example.person]
    rows = {row.first(["id"]): row for row in read_rows(folder / "labels.csv")}
    table = embed_examples(predictor, examples)
    said = [row[ARTICLE_TYPE].value for row in predictor.predict_embeddings(table.vectors)]
    cells = [rows[Path(name).stem].cells for name in table.names]
    return Phones(table, [Photo(row, cell["label"], cell["person"]) for row, cell in enumerate(cells)], said)


def _run(job: RetrainJob, active: Artifact, material: Material, phones: Phones, size: int, seed: int) -> dict[str, Any]:
    photos = draw_people(phones.of_side(TRAIN), size, seed)
    lessons = replace(material, lessons=[phones.labelled(photos)])
    candidate = candidate_of(job, active, refit_on(job, active, lessons, lambda step, share: None))
    models = [Predictor(artifact, choose_device()) for artifact in (active, candidate)]
    others = [(label, phones.labelled(rows)) for label, rows in _by_label(phones.of_side(REPORT)).items()]
    gate = []
    for domain in dict.fromkeys(material.report.domains):
        gate += compare(domain, *(outcomes(model, material.report.of_domain(domain)) for model in models))
    return {
        "photos": size,
        "seed": seed,
        "people": len({photo.person for photo in photos}),
        "corrections": sum(map(phones.is_correction, photos)),
        "others": {label: [_right(label, model, table) for model in models] + [len(table)] for label, table in others},
        "report": {f"{row.pictures} {row.output}": [row.before, row.after, row.n] for row in gate},
        "refused": verdict(gate).reasons,
    }


def draw_people(photos: Sequence[Photo], size: int, seed: int) -> list[Photo]:
    """`size` photos (all, if there are fewer): one person's after another's, as people come."""
    by_person: dict[str, list[Photo]] = {}
    for photo in photos:
        by_person.setdefault(photo.person, []).append(photo)
    people = sorted(by_person)
    random.Random(seed).shuffle(people)  # noqa: S311 - a sample, no secret
    return [photo for person in people for photo in by_person[person]][:size]


def _by_label(photos: Sequence[Photo]) -> dict[str, list[Photo]]:
    """The photos by label, those whose right article type can be told."""
    found: dict[str, list[Photo]] = {}
    for photo in photos:
        if photo.label == PANTS or len(PHONE_LABELS[photo.label]) == len(CATEGORY_FIELDS):
            found.setdefault(photo.label, []).append(photo)
    return found


def _right(label: str, predictor: Predictor, table: EmbeddingTable) -> int:
    """How many photos of one label bear an article type that is right for it."""
    right = LONG if label == PANTS else PHONE_LABELS[label][-1:]
    return sum(row[ARTICLE_TYPE].value in right for row in predictor.predict_embeddings(table.vectors))


def _summary(runs: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """The runs of one number of photos: means and extremes over the seeds."""
    labels = list(runs[0]["others"])
    groups = {name: [name] for name in (PANTS, SHORTS) if name in labels}
    groups["others"] = [name for name in labels if name not in (PANTS, SHORTS)]
    groups = {name: members for name, members in groups.items() if members}
    losses = {key: [run["report"][key][0] - run["report"][key][1] for run in runs] for key in runs[0]["report"]}
    return {
        "photos": runs[0]["photos"],
        "people": _mean([run["people"] for run in runs]),
        "corrections": _mean([run["corrections"] for run in runs]),
        "other_people": {name: _shares(runs, members) for name, members in groups.items()},
        "report_loss": {key: {"mean": _mean(values), "worst": round(max(values), 5)} for key, values in losses.items()},
        "refused": sum(bool(run["refused"]) for run in runs),
    }


def _shares(runs: Sequence[Mapping[str, Any]], labels: Sequence[str]) -> dict[str, Any]:
    """Shares read right before and after; each interval is Wilson's for the mean share on so many photos."""
    counts = [[sum(run["others"][label][place] for label in labels) for place in range(3)] for run in runs]
    n = counts[0][2]
    before, after = (_mean([row[place] / n for row in counts]) for place in (0, 1))
    return {
        "n": n,
        "before": before,
        "before_interval": wilson(round(before * n), n),
        "after": after,
        "after_interval": wilson(round(after * n), n),
        "after_range": [round(extreme(row[1] / n for row in counts), 5) for extreme in (min, max)],
    }


def _mean(values: Sequence[float]) -> float:
    return round(sum(values) / len(values), 5)


def summary_table(report: Mapping[str, Any]) -> Table:
    """The summary for the terminal."""
    groups = report["summary"][0]["other_people"]
    headers = ("photos", "corrected", *groups, "worst report loss", "refused")
    table = Table(*headers, title=f"{report['model']}, photos of other people", box=SIMPLE, padding=(0, 1, 0, 0))
    for row in report["summary"]:
        shares = [f"{share['before']:.3f} -> {share['after']:.3f}" for share in row["other_people"].values()]
        worst = max(loss["worst"] for loss in row["report_loss"].values())
        table.add_row(str(row["photos"]), f"{row['corrections']:.0f}", *shares, f"{worst:.4f}", str(row["refused"]))
    return table

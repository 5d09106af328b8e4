"""A study: a question, the arms that answer it, and a report that follows from the results alone."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from matplotlib.figure import Figure

from ml.artifact import DEFAULT_PATH
from ml.errors import DataError
from ml.studies import plots
from ml.studies.laboratory import RESULTS_FILE, Laboratory, Scale
from ml.studies.report import page
from ml.studies.results import Results
from ml.studies.sheets import is_documentation

REPORT_FILE: Final = "report.md"


@dataclass(frozen=True)
class Study:
    """`run` fills the laboratory's results; `report` gives the report's paragraphs, `draw` its plots by file name."""

    question: str
    run: Callable[[Laboratory], None]
    report: Callable[[Results], Sequence[str]]
    draw: Callable[[Results], Mapping[str, Figure]]


def conduct(
    study: Study,
    name: str,
    scale: Scale,
    data: Path,
    out: Path,
    artifact: Path = DEFAULT_PATH,
    pretrained: Path | None = None,
) -> Path:
    """Run a study, or what of it is not in `out` yet; returns the report, beside which lie results.json and plots.

    An unfinished results.json is enough to go on from, on another machine too; its cost is then that of several.

    DataError where a quick one would go into the documentation: its figures mean nothing.
    """
    if scale is Scale.QUICK and is_documentation(out):
        raise DataError(f"{out}: figures of a quick study are no evidence, they do not go under docs.")
    out.mkdir(parents=True, exist_ok=True)
    lab = Laboratory(name, scale, data, out, artifact, pretrained)
    study.run(lab)
    lab.results.save(out / RESULTS_FILE)
    return write_report(study, out)


def write_report(study: Study, out: Path) -> Path:
    """Plots and report from `out`/results.json alone, be it of a study that still runs; returns the report."""
    results = Results.load(out / RESULTS_FILE)
    for title, figure in study.draw(results).items():
        plots.save(figure, out / f"{title}.svg")
    report = out / REPORT_FILE
    report.write_text(page(results, study.question, study.report(results)))
    return report

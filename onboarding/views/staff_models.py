"""What the staff see of model versions: how well they do, where they are wrong, and on which photos."""

from dataclasses import dataclass

from django.core.paginator import Paginator
from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_safe

from catalog.access import one_or_404
from onboarding.access import staff_right
from onboarding.evidence.charts.heat_map import heat_map
from onboarding.evidence.charts.learning import learning_of
from onboarding.evidence.charts.reliability import reliability_chart
from onboarding.evidence.confusion import SHOWN_AT_FIRST, confused_pairs, confusion_matrix
from onboarding.evidence.figures import FieldFigures, Output, read_figures
from onboarding.evidence.model_facts import model_facts
from onboarding.evidence.naming import ValueNames
from onboarding.evidence.picture_sets import chosen_evaluation, picture_sets
from onboarding.evidence.pictures import are_pictures_at_hand, content_type_of, find_picture
from onboarding.evidence.sheets import Choice, Sheet
from onboarding.evidence.value_table import value_table
from onboarding.evidence.versions import (
    HEADLINES,
    evaluations_of,
    made_by,
    predecessor_of,
    run_row,
    run_rows,
    version_rows,
)
from onboarding.models import Evaluation, ModelVersion, RetrainRun

RIGHT = "onboarding.view_modelversion"
VERSIONS_PER_PAGE = 20
RUNS_SHOWN = 20
WORST_SHOWN = 12
PAIRS_SHOWN = 12
CACHE_SECONDS = 24 * 3600


@dataclass(frozen=True)
class FieldEvidence:
    """What the pages about one field of one set have in common. `run`: the retraining that was asked for, if any."""

    version: ModelVersion
    evaluation: Evaluation
    figures: FieldFigures
    run: str

    @property
    def is_held_out(self) -> bool:
        return self.evaluation.pictures == Evaluation.Pictures.HELD_OUT

    @property
    def cell_path(self) -> str:
        return reverse(
            "onboarding:staff_model_cell", args=[self.version.pk, self.evaluation.pictures, self.figures.output.value]
        )

    @property
    def pictures_at_hand(self) -> bool:
        return self.is_held_out or are_pictures_at_hand()


@require_safe
@staff_right(RIGHT)
def staff_models(request: HttpRequest) -> HttpResponse:
    page = Paginator(ModelVersion.objects.order_by("-pk"), VERSIONS_PER_PAGE).get_page(request.GET.get("page"))
    runs = RetrainRun.objects.select_related("base", "candidate").order_by("-pk")
    context = {
        "page_obj": page,
        "rows": version_rows(list(page.object_list)),
        "headlines": [(pictures.label, output.label) for pictures, output in HEADLINES],
        "runs": run_rows(runs[:RUNS_SHOWN]),
        "run_count": runs.count(),
    }
    return render(request, "onboarding/staff_models.html", context)


@require_safe
@staff_right(RIGHT)
def staff_model(request: HttpRequest, pk: int) -> HttpResponse:
    version = one_or_404(ModelVersion.objects.all(), pk)
    predecessor = predecessor_of(version)
    run = request.GET.get("run", "")
    context = {
        "version": version,
        "before": predecessor.version,
        "made_by": run_row(predecessor.run) if predecessor.run else None,
        "sets": picture_sets(version, predecessor, run=run),
        "learning": learning_of(version.card),
        "facts": model_facts(version),
        "run": run,
    }
    return render(request, "onboarding/staff_model.html", context)


@require_safe
@staff_right(RIGHT)
def staff_model_field(request: HttpRequest, pk: int, pictures: str, field: str) -> HttpResponse:
    """One field on one set of pictures: what is taken for what. `?values=all` shows every value."""
    evidence = _evidence_or_404(request, pk, pictures, field)
    figures, names = evidence.figures, ValueNames.of(evidence.figures.output)
    limit = None if request.GET.get("values") == "all" else SHOWN_AT_FIRST
    pairs = confused_pairs(figures, names.name)
    matrix = confusion_matrix(figures, limit=limit)
    context = {
        "evidence": evidence,
        "shows_all": limit is None,
        "matrix": matrix,
        "all_count": len(matrix.values) + matrix.hidden_count,
        "shown_at_first": SHOWN_AT_FIRST,
        "heat_map": heat_map(matrix, names.name),
        "pairs": pairs[:PAIRS_SHOWN],
        "further_pairs": pairs[PAIRS_SHOWN:],
        "error_count": sum(pair.cell.n for pair in pairs),
        "table": value_table(figures, names, sort=request.GET.get("sort", ""), limit=limit),
        "reliability": reliability_chart(figures.bins),
        "worst": Sheet(evidence.evaluation, figures, Choice(), names).page(size=WORST_SHOWN),
    }
    return render(request, "onboarding/staff_model_field.html", context)


@require_safe
@staff_right(RIGHT)
def staff_model_cell(request: HttpRequest, pk: int, pictures: str, field: str) -> HttpResponse:
    """The photos of a cell, page by page; without `?actual=` or `?predicted=` all errors with any value there."""
    evidence = _evidence_or_404(request, pk, pictures, field)
    choice = Choice(request.GET.get("actual", ""), request.GET.get("predicted", ""))
    if not choice.is_known_in(evidence.figures):
        raise Http404
    names = ValueNames.of(evidence.figures.output)
    query = request.GET.copy()
    query.pop("page", None)
    context = {
        "evidence": evidence,
        "choice": choice,
        "actual": names.name(choice.actual),
        "predicted": names.name(choice.predicted),
        "counted": choice.count(evidence.figures),
        "opposite": choice.opposite.count(evidence.figures) if choice.has_opposite else 0,
        "query": query.urlencode(),
        "page_obj": Sheet(evidence.evaluation, evidence.figures, choice, names).page(request.GET.get("page")),
    }
    return render(request, "onboarding/staff_model_cell.html", context)


@require_safe
@staff_right(RIGHT)
def staff_model_picture(request: HttpRequest, pk: int, pictures: str, field: str) -> FileResponse:
    """A report set's picture `?name=`, where the operator has it at hand and the evidence names it."""
    evidence = _evidence_or_404(request, pk, pictures, field)
    name = request.GET.get("name", "")
    path = find_picture(name) if any(miss.picture == name for miss in evidence.figures.misses) else None
    if path is None:
        raise Http404
    response = FileResponse(path.open("rb"), content_type=content_type_of(path))
    response["Cache-Control"] = f"private, max-age={CACHE_SECONDS}"
    response["X-Content-Type-Options"] = "nosniff"
    return response


def _evidence_or_404(request: HttpRequest, pk: int, pictures: str, field: str) -> FieldEvidence:
    version = one_or_404(ModelVersion.objects.all(), pk)
    run = request.GET.get("run", "")
    rows = [row for row in evaluations_of([version]) if row.pictures == pictures]
    chosen = chosen_evaluation(rows, made_by(version), run)
    figures = read_figures(chosen.figures) if chosen else {}
    if chosen is None or field not in Output.values or Output(field) not in figures:
        raise Http404
    return FieldEvidence(version, chosen, figures[Output(field)], run if str(chosen.run_id) == run else "")

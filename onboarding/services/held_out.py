"""Recording how a model did on sellers' held-out photos, answer by answer."""

from onboarding.lessons import HeldOut
from onboarding.models import EvaluatedPhoto, Evaluation, ModelVersion, RetrainRun


def record_held_out(*, run: RetrainRun, version: ModelVersion, held_out: HeldOut) -> Evaluation | None:
    """One evaluation with a row for each photo and output; None if nothing was held out."""
    if not held_out.figures:
        return None
    pictures = Evaluation.Pictures.HELD_OUT
    evaluation = Evaluation.objects.create(model_version=version, pictures=pictures, run=run, figures=held_out.figures)
    EvaluatedPhoto.objects.bulk_create(
        (
            EvaluatedPhoto(
                evaluation=evaluation,
                photo_id=answer.photo_id,
                field=answer.output,
                actual=answer.actual,
                predicted=answer.predicted,
                confidence=answer.confidence,
            )
            for answer in held_out.answers
        ),
        batch_size=500,
    )
    return evaluation

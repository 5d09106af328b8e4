"""The gear that refits the heads: seconds on a CPU, and without the pictures that the model was trained on."""

from dataclasses import asdict
from functools import partial

import torch

from ml.artifact import Artifact, round_weights
from ml.familiarity import Familiarity
from ml.gear import Judged, Learned, Progress, RetrainJob
from ml.heads import refit_heads
from ml.material import Material, gather
from ml.network import choose_device
from ml.predictor import Predictor
from ml.replay import packed


def refit(job: RetrainJob, active: Artifact, progress: Progress) -> Learned:
    """MlError where there is nothing to learn from or nothing to remember by, or a folder cannot be used."""
    predictor = Predictor(active, choose_device())
    return refit_on(
        job, active, gather(job.active, predictor, job.lessons, job.folders, partial(progress, "embed")), progress
    )


def refit_on(job: RetrainJob, active: Artifact, material: Material, progress: Progress) -> Learned:
    """The same where the material has been gathered. The trunk stays, so both models see the same."""
    fitted = refit_heads(active, material.replay, material.lessons, job.heads, partial(progress, "train"))
    round_weights(fitted.network)
    judged = Judged(material.report, material.held_out)
    return Learned(
        network=fitted.network,
        vocabulary=fitted.vocabulary,
        calibrate=material.calibrate,
        before=judged,
        after=judged,
        pack=material.pack or packed(fitted.network, material.known),
        familiarity=_familiarity(active, material),
        training={
            "gear": "heads",
            **asdict(job.heads),
            "lessons": [len(table) for table in material.lessons],
            "replay": len(material.replay),
        },
        history=fitted.history,
    )


def _familiarity(active: Artifact, material: Material) -> Familiarity | None:
    """As it was, but what people teach are products, however strange they look to the trunk."""
    familiarity = active.card.familiarity
    return familiarity and familiarity.including(torch.cat([table.vectors for table in material.lessons]))

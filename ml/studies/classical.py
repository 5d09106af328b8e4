"""scikit-learn's models as recipes, beside the networks: one fit on features that nobody learned."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any, Final

import numpy as np
import torch
from numpy.typing import NDArray
from sklearn.ensemble import RandomForestClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.svm import LinearSVC
from torch import Tensor

from ml.preprocessing import Preprocessing
from ml.studies.clock import Clock
from ml.studies.data import StudyData, labels_of
from ml.studies.features import FEATURES
from ml.studies.recipes import Learned

MODELS: Final[Mapping[str, Callable[..., Any]]] = {
    "logistic_regression": partial(LogisticRegression, tol=3e-3, max_iter=200),
    "random_forest": partial(RandomForestClassifier, n_jobs=-1),
    "linear_svm": LinearSVC,
}


@dataclass(frozen=True)
class ClassicalRecipe:
    """One of `MODELS` with scikit-learn's `settings`, on one of `FEATURES`."""

    features: str
    model: str
    settings: Mapping[str, Any] = field(default_factory=dict)
    preprocessing: Preprocessing = Preprocessing(28, 28)  # noqa: RUF009  # frozen

    def learn(self, data: StudyData, seed: int, workspace: Path) -> Learned:
        """One fit, of which an interruption leaves nothing."""
        describe = FEATURES[self.features]
        model, clock = MODELS[self.model](random_state=seed, **self.settings), Clock()
        with clock:
            model.fit(describe(data.train.canvases).numpy(), labels_of(data.train).numpy())
        return Learned(
            probabilities=lambda canvases: _probabilities(model, describe(canvases).numpy(), len(data.classes)),
            parameters=_count(model),
            images=len(data.train),
            epochs=1,
            clock=clock,
        )


def _probabilities(model: Any, features: NDArray[np.float32], classes: int) -> Tensor:
    """A support vector machine has margins only: their softmax ranks as they do, and is not calibrated."""
    if hasattr(model, "predict_proba"):
        known = torch.from_numpy(model.predict_proba(features)).float()
    else:
        known = torch.from_numpy(model.decision_function(features)).float().softmax(1)
    probabilities = torch.zeros(len(features), classes)  # a class that was not learned from gets nothing
    probabilities[:, torch.from_numpy(model.classes_)] = known
    return probabilities


def _count(model: Any) -> int:
    """Numbers learned: coefficients, or the nodes of all trees."""
    if hasattr(model, "coef_"):
        return int(model.coef_.size + model.intercept_.size)
    return sum(tree.tree_.node_count for tree in model.estimators_)

"""Suspected label errors, by confident learning (cleanlab) on what linear heads say of pictures they never saw.

The heads are logistic regressions on the embeddings of a trained network, cross-validated: what stays together (twins,
the photos of one person) stays on one side. A network that has learned from the very labels has come to terms with
some of their errors, so these are too few rather than too many.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from threading import Lock
from typing import Any, Final

import numpy as np
from cleanlab.filter import find_label_issues
from numpy.typing import NDArray
from sklearn.decomposition import PCA
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import StratifiedGroupKFold, cross_val_predict
from sklearn.preprocessing import LabelEncoder
from threadpoolctl import threadpool_limits

from ml.parallel import ordered_map

FOLDS: Final = 5
COMPONENTS: Final = 128
PENALTY: Final = 0.1
"""The inverse one: of 0.02, 0.1 and 1 the likeliest on held-out subcategories."""
WORST: Final = 40
MOST_PAIRS: Final = 5
_ONE_AT_A_TIME: Final = Lock()
"""cleanlab 2.9 hands matrices on to its own functions in variables of its module."""


def reduced(vectors: NDArray[np.float32]) -> NDArray[np.float32]:
    """Embeddings [N, D] -> their first principal components, of unit variance all together; no label is looked at."""
    components = PCA(min(COMPONENTS, *vectors.shape), random_state=0).fit_transform(vectors)
    found: NDArray[np.float32] = components / components.std()
    return found


def suspects(
    features: NDArray[np.float32], values: Sequence[str | None], groups: Sequence[str], names: Sequence[str]
) -> dict[str, Any] | None:
    """What one field's labels look like to heads that have not seen them; None with fewer than two values left.

    Values borne by fewer groups than there are folds are left out. `suspected` of `n` labels; `pairs`: the most
    frequent (given, suggested, count); `worst`: (name, given, suggested, probability of the label given).
    """
    distinct = Counter(value for value, _group in set(zip(values, groups, strict=True)))
    rows = [row for row, value in enumerate(values) if value is not None and distinct[value] >= FOLDS]
    given = [str(values[row]) for row in rows]
    if len(set(given)) < 2:
        return None
    encoder = LabelEncoder()
    labels = encoder.fit_transform(given)
    probabilities = _out_of_sample(features[rows], labels, [groups[row] for row in rows])
    with _ONE_AT_A_TIME:
        issues = find_label_issues(labels, probabilities, return_indices_ranked_by="self_confidence", n_jobs=1)
    chosen = probabilities.argmax(1)
    pairs = Counter((given[row], str(encoder.classes_[chosen[row]])) for row in issues)
    return {
        "n": len(rows),
        "accuracy": round(float((chosen == labels).mean()), 4),
        "suspected": len(issues),
        "pairs": [[*pair, count] for pair, count in pairs.most_common(MOST_PAIRS)],
        "worst": [
            [names[rows[row]], given[row], str(encoder.classes_[chosen[row]]), round(float(share), 4)]
            for row, share in zip(issues[:WORST], probabilities[issues, labels[issues]], strict=False)
        ],
    }


def _out_of_sample(
    features: NDArray[np.float32], labels: NDArray[np.int64], groups: Sequence[str]
) -> NDArray[np.float64]:
    """float64 [N, K]; each row from a head that has seen neither it nor its group."""
    head = LogisticRegression(C=PENALTY, max_iter=200)
    folds = StratifiedGroupKFold(FOLDS, shuffle=True, random_state=0)
    found: NDArray[np.float64] = cross_val_predict(
        head, features, labels, groups=groups, cv=folds, method="predict_proba"
    )
    return found


def by_field(
    vectors: NDArray[np.float32],
    rows: Sequence[Mapping[str, str]],
    groups: Sequence[str],
    names: Sequence[str],
    fields: Sequence[str],
) -> dict[str, dict[str, Any]]:
    """`suspects` of every field that can be told."""
    features = reduced(vectors)

    def look(field: str) -> dict[str, Any] | None:
        return suspects(features, [labels.get(field) for labels in rows], groups, names)

    with threadpool_limits(1):  # products so small wait for each other in several threads; whole fields do not
        found = dict(zip(fields, ordered_map(look, fields), strict=True))
    return {field: figures for field, figures in found.items() if figures}

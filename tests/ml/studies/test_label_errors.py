import numpy as np
import pytest
from numpy.typing import NDArray

from ml.studies.label_errors import by_field, reduced, suspects

COUNT = 60


@pytest.fixture
def features() -> NDArray[np.float32]:
    """Two clouds far apart, taking turns."""
    noise = np.random.default_rng(1).normal(0, 0.3, (COUNT, 4))
    noise[:, 0] += np.where(np.arange(COUNT) % 2, 2, -2)
    return noise.astype(np.float32)


def values() -> list[str | None]:
    return ["right" if number % 2 else "left" for number in range(COUNT)]


NAMES = [f"{number}.jpg" for number in range(COUNT)]


def test_planted_errors_are_found(features: NDArray[np.float32]) -> None:
    labels = values()
    labels[7], labels[10] = "left", "right"
    found = suspects(features, labels, NAMES, NAMES)
    assert found
    assert (found["n"], found["suspected"]) == (60, 2)
    assert sorted(row[:3] for row in found["worst"]) == [["10.jpg", "right", "left"], ["7.jpg", "left", "right"]]
    assert sorted(found["pairs"]) == [["left", "right", 1], ["right", "left", 1]]
    assert found["accuracy"] == pytest.approx(58 / 60, abs=1e-4)


def test_right_labels_raise_no_suspicion(features: NDArray[np.float32]) -> None:
    found = suspects(features, values(), NAMES, NAMES)
    assert found == {"n": 60, "accuracy": 1.0, "suspected": 0, "pairs": [], "worst": []}


def test_rare_values_and_missing_ones_are_left_out(features: NDArray[np.float32]) -> None:
    labels = values()
    labels[:3], labels[3] = ["rare"] * 3, None
    found = suspects(features, labels, NAMES, NAMES)
    assert found
    assert found["n"] == 56
    assert suspects(features, [value if value == "rare" else None for value in labels], NAMES, NAMES) is None


def test_a_value_of_one_group_is_rare_however_many_pictures_it_has(features: NDArray[np.float32]) -> None:
    one_person = [f"person {number % 2}" for number in range(COUNT)]
    assert suspects(features, values(), one_person, NAMES) is None


def test_what_stays_together_vouches_for_nobody_inside(features: NDArray[np.float32]) -> None:
    """Five copies with the same wrong label are in one fold: none of the others has learned it."""
    labels, groups = values(), list(NAMES)
    features[20:25] = features[21]
    labels[20:25], groups[20:25] = ["left"] * 5, ["copies"] * 5
    found = suspects(features, labels, groups, NAMES)
    assert found
    assert sorted(row[0] for row in found["worst"]) == [f"{number}.jpg" for number in range(20, 25)]


def test_every_field_that_can_be_told_is_looked_at(features: NDArray[np.float32]) -> None:
    rows = [{"gender": str(value), "usage": "Casual"} for value in values()]
    assert list(by_field(features, rows, NAMES, NAMES, ["gender", "usage"])) == ["gender"]


def test_fields_looked_at_side_by_side_see_their_own_labels(features: NDArray[np.float32]) -> None:
    """cleanlab hands matrices on in variables of its module, which another thread would change."""
    labels = {f"field {missing}": [None] * missing + values()[missing:] for missing in range(8)}
    for field in labels:
        labels[field][20], labels[field][31] = "right", "left"
    rows = [{field: each[at] for field, each in labels.items() if each[at]} for at in range(COUNT)]
    for _ in range(3):
        found = by_field(features, rows, NAMES, NAMES, list(labels))  # type: ignore[arg-type]
        assert {field: (each["n"], each["suspected"]) for field, each in found.items()} == {
            field: (COUNT - missing, 2) for missing, field in enumerate(labels)
        }


def test_features_keep_their_proportions() -> None:
    vectors = np.random.default_rng(2).normal(0, [1, 5, 9], (500, 3)).astype(np.float32)
    found = reduced(vectors)
    assert found.std() == pytest.approx(1)
    assert found.std(0) / found.std(0)[0] == pytest.approx([1, 5 / 9, 1 / 9], rel=0.1)

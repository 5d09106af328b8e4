from pathlib import Path

from ml.layouts import Example
from ml.vocabulary import Vocabulary
from tests.ml.drawings import JEANS, SHIRT


def labelled(path: tuple[str, ...], **plain: str) -> Example:
    names = ("master_category", "sub_category", "article_type")
    return Example(Path("x"), {**dict(zip(names, path, strict=False)), **plain}, "studio")


KNOWN = Vocabulary.observed(
    [
        labelled(SHIRT, colour="Red", gender="Men"),
        labelled(JEANS, colour="Blue"),
        labelled(("Apparel", "Saree")),
    ]
)


def test_leaves_are_the_complete_paths_only() -> None:
    assert KNOWN.hierarchy.leaves == (JEANS, SHIRT)


def test_sizes_count_classes_of_spaces_that_have_any() -> None:
    assert KNOWN.sizes == {"category": 2, "colour": 2, "gender": 1}


def test_missing_and_unknown_values_are_masked() -> None:
    targets = KNOWN.encode(
        [labelled(SHIRT, colour="Blue"), labelled(("Apparel", "Topwear"), colour="Puce"), labelled(())]
    )
    assert targets.category.tolist() == [[False, True], [False, True], [False, False]]
    assert targets.plain["colour"].tolist() == [0, -1, -1]
    assert targets.plain["season"].tolist() == [-1, -1, -1]

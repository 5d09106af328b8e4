from dataclasses import replace
from pathlib import Path

import pytest
from PIL import Image

from ml.errors import DataError
from ml.predict import as_json, check_paths, files_under, predict_files
from ml.predictor import Predictor
from tests.ml.drawings import draw


def test_folders_are_walked_in_sorted_order_without_dotfiles(tmp_path: Path) -> None:
    for name in ("b.jpg", "a/2.png", "a/1.png", ".hidden.jpg", ".git/x.jpg"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).touch()
    names = [str(path.relative_to(tmp_path)) for path in files_under([tmp_path])]
    assert names == ["b.jpg", "a/1.png", "a/2.png"]


def test_named_files_come_as_they_are_named(tmp_path: Path) -> None:
    paths = [tmp_path / "z.jpg", tmp_path / "a.jpg"]
    assert list(files_under(paths)) == paths


def test_missing_path_is_named(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"nowhere\.jpg: no such file or folder"):
        check_paths([tmp_path / "nowhere.jpg"])


def test_empty_folder_is_named(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="the folder holds no files"):
        check_paths([tmp_path])


def test_results_keep_the_order_over_several_batches(predictor: Predictor, tmp_path: Path) -> None:
    for number in range(70):
        draw(seed=number).save(tmp_path / f"{number:03}.png")
    (tmp_path / "035.png").write_bytes(b"broken")
    results = list(predict_files(predictor, [tmp_path]))
    assert [result.path.stem for result in results] == [f"{number:03}" for number in range(70)]
    assert [row for row, result in enumerate(results) if result.fields is None] == [35]


def test_rotated_photo_gives_the_values_of_the_upright_one(predictor: Predictor, tmp_path: Path) -> None:
    upright, exif = draw(size=(120, 160)), Image.Exif()
    exif[0x0112] = 6
    upright.save(tmp_path / "1.png")
    upright.transpose(Image.Transpose.ROTATE_90).save(tmp_path / "2.png", exif=exif)
    first, second = (as_json(result, "m")["fields"] for result in predict_files(predictor, [tmp_path]))
    assert first == second


def test_output_marks_a_contradicted_colour_and_only_that(predictor: Predictor, tmp_path: Path) -> None:
    draw().save(tmp_path / "1.png")
    (result,) = predict_files(predictor, [tmp_path])
    assert result.fields is not None
    assert "contradicted" not in as_json(result, "m")["fields"]["colour"]
    fields = {**result.fields, "colour": result.fields["colour"].once_contradicted()}
    marked = as_json(replace(result, fields=fields), "m")["fields"]
    assert [field for field, entry in marked.items() if entry.get("contradicted")] == ["colour"]
    assert marked["colour"]["value"] == result.fields["colour"].value


def test_output_marks_abstention_only_where_it_happens(predictor: Predictor, tmp_path: Path) -> None:
    draw().save(tmp_path / "1.png")
    (result,) = predict_files(predictor, [tmp_path])
    assert result.fields is not None
    fields = as_json(result, "m")["fields"]
    assert {name for name, entry in fields.items() if entry.get("abstain")} == {
        name for name, prediction in result.fields.items() if prediction.abstain
    }
    assert {key for entry in fields.values() for key in entry} - {"abstain"} == {
        "value",
        "confidence",
        "alternatives",
    }

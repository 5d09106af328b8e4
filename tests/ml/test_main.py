import json
import subprocess
import sys
from pathlib import Path

import pytest

from ml.__main__ import main
from ml.artifact import artifact_sha256
from ml.fields import FIELDS
from tests.ml.conftest import TINY
from tests.ml.drawings import draw, encoded, png_with_header, write_published


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    folder = tmp_path / "photos"
    folder.mkdir()
    draw().save(folder / "a good.jpg")
    (folder / "b bomb.png").write_bytes(png_with_header(60_000, 60_000))
    (folder / "c cut.jpg").write_bytes(encoded(draw(size=(300, 400)))[:2000])
    (folder / "d text.jpg").write_text("not a picture")
    draw(seed=1).save(folder / "e good.webp")
    return folder


def test_predict_prints_one_object_per_picture(
    tiny_artifact: Path, folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    status = main(["predict", str(folder), "--artifact", str(tiny_artifact), "--json"])
    rows = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert status == 0
    assert [row["path"] for row in rows] == sorted(str(path) for path in folder.iterdir())
    assert [row.get("error") for row in rows] == [
        None,
        "The picture has too many pixels.",
        "The picture is cut off.",
        "The file is not a JPEG, PNG or WebP picture.",
        None,
    ]
    assert list(rows[0]) == ["path", "model", "fields"]
    assert list(rows[0]["fields"]) == list(FIELDS)


def test_predict_fails_when_no_picture_could_be_read(
    tiny_artifact: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "a.jpg").write_text("no")
    assert main(["predict", str(tmp_path / "a.jpg"), "--artifact", str(tiny_artifact), "--json"]) == 1
    assert len(capsys.readouterr().out.splitlines()) == 1


def test_predict_prints_readable_text_too(
    tiny_artifact: Path, folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["predict", str(folder / "a good.jpg"), "--artifact", str(tiny_artifact)]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert (lines[0], len(lines)) == (str(folder / "a good.jpg"), 8)


@pytest.mark.parametrize("artifact", ["nowhere", "broken"])
def test_unusable_artifact_is_one_sentence(
    folder: Path, tmp_path: Path, artifact: str, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "broken").mkdir()
    (tmp_path / "broken" / "card.json").write_text("{")
    (tmp_path / "broken" / "weights.safetensors").write_bytes(b"")
    assert main(["predict", str(folder), "--artifact", str(tmp_path / artifact)]) == 2
    captured = capsys.readouterr()
    assert (captured.out, captured.err.count("\n")) == ("", 1)
    assert captured.err.startswith("error: ")


@pytest.mark.parametrize(
    "command", ["predict", "evaluate --data", "train --out x --data", "pack --out x --data", "corrections --data"]
)
def test_missing_path_is_one_sentence(
    command: str, tiny_artifact: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    options = [] if command.startswith("train") else ["--artifact", str(tiny_artifact)]
    assert main([*command.split(), str(tmp_path / "nowhere"), *options]) == 2
    error = capsys.readouterr().err
    assert error.startswith(f"error: {tmp_path / 'nowhere'}: no such ")
    assert error.count("\n") == 1


def test_evaluate_writes_figures_to_a_file(tiny_artifact: Path, drawn_data: list[Path], tmp_path: Path) -> None:
    out = tmp_path / "figures.json"
    data = ["--data", str(drawn_data[0])]
    assert main(["evaluate", *data, "--artifact", str(tiny_artifact), "--json", str(out)]) == 0
    figures = json.loads(out.read_text())["fields"]["sub_category"]
    assert list(figures) == [
        "n",
        "accuracy",
        "top_3",
        "macro_f1",
        "expected_calibration_error",
        "coverage",
        "precision",
    ]


def test_evaluate_prints_pure_json_on_request(
    tiny_artifact: Path, drawn_data: list[Path], capsys: pytest.CaptureFixture[str]
) -> None:
    arguments = ["evaluate", "--data", *map(str, drawn_data), "--artifact", str(tiny_artifact), "--json", "-"]
    assert main(arguments) == 0
    assert json.loads(capsys.readouterr().out)["n"] == 150


def test_train_refuses_a_used_run_and_resumes_a_finished_one(
    tiny_artifact: Path, drawn_data: list[Path], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    run = tiny_artifact.with_name("artifact.run")
    arguments = [
        "train",
        "--data",
        *map(str, drawn_data),
        "--out",
        str(tmp_path / "again"),
        "--run",
        str(run),
    ]
    assert main([*arguments, "--epochs", "12", *TINY]) == 2
    assert "holds a run already" in capsys.readouterr().err
    assert main([*arguments, "--epochs", "13", "--resume", *TINY]) == 2
    assert "was started with another configuration" in capsys.readouterr().err
    assert main([*arguments, "--epochs", "12", "--resume", *TINY]) == 0
    weights = [path / "weights.safetensors" for path in (tiny_artifact, tmp_path / "again")]
    assert weights[0].read_bytes() == weights[1].read_bytes()


def test_train_without_full_categories_is_one_sentence(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder = write_published(tmp_path / "studio", 6)
    (folder / "styles.csv").rename(folder / "gone.csv")
    (folder / "train.csv").write_text("id,label,display name\n1,Topwear,a\n2,Shoes,b\n")
    assert main(["train", "--data", str(folder), "--out", str(tmp_path / "out"), *TINY]) == 2
    assert "nothing to learn" in capsys.readouterr().err
    assert not (tmp_path / "out").exists()


def test_command_runs_as_a_module_and_importing_it_is_cheap() -> None:
    code = "import sys, ml, ml.__main__; sys.exit('torch' in sys.modules or 'PIL' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
    shown = subprocess.run([sys.executable, "-m", "ml", "--help"], capture_output=True, text=True, check=True)
    assert "predict" in shown.stdout


def test_pack_adds_both_files_and_prints_the_new_identity(
    tiny_artifact: Path, drawn_data: list[Path], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "packed"
    data = ["--data", *map(str, drawn_data)]
    assert main(["pack", *data, "--artifact", str(tiny_artifact), "--out", str(out)]) == 0
    assert capsys.readouterr().out.strip() == artifact_sha256(out)
    assert sorted(path.name for path in out.iterdir()) == sorted(path.name for path in tiny_artifact.iterdir())

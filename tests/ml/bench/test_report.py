import json
from pathlib import Path

import pytest

from ml.__main__ import main
from ml.bench import photos, pipeline
from ml.fields import FIELDS


@pytest.fixture
def _small(monkeypatch: pytest.MonkeyPatch) -> None:
    sizes = {"12 MP": (400, 300), "2 MP": (300, 200), "derivative": (120, 100)}
    monkeypatch.setattr(photos, "SIZES", sizes)
    monkeypatch.setattr(pipeline, "BATCHES", dict.fromkeys(sizes, 4))


@pytest.mark.usefixtures("_small")
def test_one_run_measures_everything(
    tiny_artifact: Path, drawn_data: list[Path], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "bench.json"
    data = ["--data", *map(str, drawn_data)]
    assert main(["bench", "--artifact", str(tiny_artifact), *data, "--repeats", "1", "--json", str(file)]) == 0
    report = json.loads(file.read_text())
    assert list(report["pipeline"]) == list(report["published_way"]) == ["12 MP", "2 MP", "derivative"]
    assert list(report["engines"]["ONNX Runtime"]["accuracy_change"]) == list(FIELDS)
    assert report["photos"] == "drawn"
    assert "times_faster" in capsys.readouterr().out

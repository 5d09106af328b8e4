import logging
import sys
from pathlib import Path

import pytest
import torch
from torch import Tensor

from ml import engines
from ml.artifact import Artifact, load
from ml.engines import choose_engine, export, onnx_engine, torch_engine


@pytest.fixture(scope="module")
def artifact(tiny_artifact: Path) -> Artifact:
    return load(tiny_artifact)


@pytest.fixture(scope="module")
def exported(artifact: Artifact, tmp_path_factory: pytest.TempPathFactory) -> Path:
    file = tmp_path_factory.mktemp("engines") / "new" / "trunk.onnx"
    export(artifact.network, artifact.card.preprocessing, file)
    return file


def canvases(artifact: Artifact, count: int) -> Tensor:
    size = artifact.card.preprocessing
    pixels = torch.randint(0, 256, (count, size.height, size.width, 3), generator=torch.Generator().manual_seed(1))
    return pixels.to(torch.uint8)


def test_onnx_and_torch_give_the_same_embeddings_for_any_number_of_pictures(artifact: Artifact, exported: Path) -> None:
    network, preprocessing = artifact.network, artifact.card.preprocessing
    first, second = torch_engine(network, preprocessing), onnx_engine(network, preprocessing, exported)
    for count in (1, 2, 7):
        pictures = canvases(artifact, count)
        assert second(pictures).dtype == torch.float32
        assert torch.allclose(first(pictures), second(pictures), atol=1e-4)


def test_export_leaves_nothing_but_the_file(exported: Path) -> None:
    assert list(exported.parent.iterdir()) == [exported]


def test_file_is_exported_once(artifact: Artifact, exported: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delattr(engines, "export")
    engine = choose_engine(artifact.network, artifact.card.preprocessing, exported)
    assert engine(canvases(artifact, 1)).shape == (1, artifact.network.feature_count)


def test_onnx_by_name_needs_no_file_to_keep(artifact: Artifact, exported: Path) -> None:
    pictures, preprocessing = canvases(artifact, 2), artifact.card.preprocessing
    kept = onnx_engine(artifact.network, preprocessing, exported)
    assert torch.equal(choose_engine(artifact.network, preprocessing, None, "onnx")(pictures), kept(pictures))


def test_damaged_file_leaves_the_work_to_torch_and_is_gone(
    artifact: Artifact, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    file, pictures = tmp_path / "trunk.onnx", canvases(artifact, 2)
    file.write_bytes(b"no network")
    with caplog.at_level(logging.WARNING):
        engine = choose_engine(artifact.network, artifact.card.preprocessing, file)
    assert torch.equal(engine(pictures), torch_engine(artifact.network, artifact.card.preprocessing)(pictures))
    assert [record.getMessage().startswith("ONNX Runtime cannot compute") for record in caplog.records] == [True]
    assert not file.exists()


def test_damaged_file_is_an_error_where_onnx_was_named(artifact: Artifact, tmp_path: Path) -> None:
    file = tmp_path / "trunk.onnx"
    file.write_bytes(b"no network")
    with pytest.raises(Exception, match="onnx"):
        choose_engine(artifact.network, artifact.card.preprocessing, file, "onnx")


def test_torch_computes_where_onnx_runtime_is_missing_or_not_wanted(
    artifact: Artifact, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file, pictures = tmp_path / "trunk.onnx", canvases(artifact, 2)
    expected = torch_engine(artifact.network, artifact.card.preprocessing)(pictures)
    for_name = choose_engine(artifact.network, artifact.card.preprocessing, file, "torch")
    monkeypatch.setattr(engines, "find_spec", lambda name: None)
    monkeypatch.setitem(sys.modules, "onnxruntime", None)
    automatic = choose_engine(artifact.network, artifact.card.preprocessing, file)
    assert torch.equal(for_name(pictures), expected)
    assert torch.equal(automatic(pictures), expected)
    assert not file.exists()


def test_graphs_are_reused_for_batches_of_similar_size() -> None:
    assert [engines._power_of_two(count) for count in (1, 2, 3, 8, 9)] == [1, 2, 4, 8, 16]


@pytest.mark.skipif(not torch.cuda.is_available(), reason="needs a GPU")
def test_compiled_engine_agrees_with_torch(tiny_artifact: Path) -> None:
    artifact = load(tiny_artifact)
    network, pictures = artifact.network.to("cuda"), canvases(artifact, 5)
    compiled = choose_engine(network, artifact.card.preprocessing, None, "compiled")
    assert torch.allclose(compiled(pictures), torch_engine(network, artifact.card.preprocessing)(pictures), atol=0.1)

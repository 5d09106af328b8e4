import pytest

from ml.progress import progress_bar


def test_bar_is_shown_from_the_first_share_on(capsys: pytest.CaptureFixture[str]) -> None:
    with progress_bar("Counting"):
        pass
    assert capsys.readouterr().err == ""
    with progress_bar("Counting") as progress:
        progress(0.5)
        progress(1.0)
    assert "Counting" in capsys.readouterr().err

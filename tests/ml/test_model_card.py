import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from ml import evidence
from ml.__main__ import main
from ml.artifact import EVIDENCE_FILE, artifact_sha256, load, save
from ml.errors import MlError
from ml.model_card import BEGIN, END, stale_files, write_card
from ml.outcomes import Outcome

BEFORE, AFTER = "# ml\n\nBy hand.\n\n", "\n\nBy hand too.\n"
SEASONS = [("Fall", "Fall")] * 90 + [("Fall", "Summer")] * 30 + [("Winter", "Fall")] * 2 + [("Rainy", "Summer")]
"""Actual and predicted; one value is never predicted, two never right."""


def outcome(pairs: Sequence[tuple[str, str]], confidence: float = 0.7) -> Outcome:
    actual, predicted = zip(*pairs, strict=True)
    return Outcome(
        names=[f"{number}.jpg" for number in range(len(pairs))],
        actual=actual,
        predicted=predicted,
        confidences=np.full(len(pairs), confidence),
        in_top_3=np.ones(len(pairs), dtype=np.bool_),
        is_kept=np.full(len(pairs), confidence > 0.5),
    )


@pytest.fixture
def artifact(tiny_artifact: Path, tmp_path: Path) -> Path:
    return with_evidence(tiny_artifact, tmp_path / "artifact", {"season": outcome(SEASONS)})


def with_evidence(
    source: Path, path: Path, studio: Mapping[str, Outcome], phone: Mapping[str, Outcome] | None = None
) -> Path:
    """The same network with other figures."""
    loaded = load(source)
    sets = {"studio": studio, **({"phone": phone} if phone else {})}
    content = {"format": evidence.FORMAT, "sets": {name: evidence.figures(each) for name, each in sets.items()}}
    save(path, loaded.network, loaded.card, {EVIDENCE_FILE: evidence.as_bytes(content)})
    return path


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    folder = tmp_path / "ml"
    folder.mkdir()
    (folder / "README.md").write_text(f"{BEFORE}{BEGIN}\nold\n{END}{AFTER}")
    return folder


def share(agree: float, low: float, high: float) -> dict[str, Any]:
    return {"pairs": 100, "agree": agree, "agree_interval": [low, high]}


def write_noise(folder: Path, look_alikes: Mapping[str, Any], next_id: Mapping[str, Any]) -> None:
    season = {
        "groups": 20,
        **share(0.95, 0.9, 0.99),
        "ceiling": 0.975,
        "disagreements": [["Fall", "Summer", 1]],
    }
    studio = {
        "pictures": 1000,
        "groups": 20,
        "twins": 41,
        "fields": {"season": season},
        "look_alikes": {"cosine": 0.97, "fields": {"season": look_alikes}},
        "neighbours": {"fields": {"season": next_id}},
    }
    phone = {"pictures": 30, "groups": 0, "twins": 0, "fields": {}}
    report = {"model": "some-model", "domains": {"studio": studio, "phone": phone}}
    (folder / "label_noise.json").write_text(json.dumps(report))


def written(artifact: Path, folder: Path) -> str:
    write_card(artifact, folder)
    return (folder / "README.md").read_text()


def rows_of(text: str, heading: str) -> list[list[str]]:
    """Cells of the first table below a heading, its head left out."""
    part = text.partition(f"### {heading}\n")[2].partition("\n### ")[0]
    return [line.strip("| ").split(" | ") for line in part.splitlines() if line.startswith("| ")][1:]


def test_shipped_card_says_what_the_shipped_artifact_says(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["card", "--check"]) == 0, capsys.readouterr().err


def test_only_what_stands_between_the_marks_is_written(artifact: Path, folder: Path) -> None:
    text = written(artifact, folder)
    assert text.startswith(BEFORE + BEGIN)
    assert text.endswith(END + AFTER)
    assert "old" not in text
    assert written(artifact, folder) == text


def test_card_names_the_artifact_and_counts_its_pictures(artifact: Path, folder: Path) -> None:
    text = written(artifact, folder)
    sha256 = artifact_sha256(artifact)
    assert f"`lapel-shufflenetv2x05-{sha256[:8]}` of " in text
    assert f"SHA-256 of card and weights: `{sha256}`" in text
    counts = load(artifact).card.data["pictures"]
    sides = [side for side in ("train", "tune", "calibrate", "report") if side in counts]
    assert f"| pictures | {' | '.join(sides)} |" in text
    for domain in ("studio", "phone"):
        assert f"| {domain} | {' | '.join(str(counts[side].get(domain, 0)) for side in sides)} |" in text


def test_configuration_is_told_without_what_changes_no_result(artifact: Path, folder: Path) -> None:
    text = " ".join(written(artifact, folder).split())
    assert "epochs 12, batch size 16, optimizer adamw, learning rate 0.01," in text
    assert "weights of the losses: category 1.0, colour 0.7, " in text
    assert "checkpoint seconds" not in text


def test_figures_stand_with_their_intervals(artifact: Path, folder: Path) -> None:
    [row] = rows_of(written(artifact, folder), "Figures")
    measured = evidence.field_figures(outcome(SEASONS))
    low, high = measured["accuracy_interval"]
    assert row[:4] == ["studio", "season", "123", f"0.7317 ({low:.3f}–{high:.3f})"]
    low, high = measured["macro_f1_interval"]
    assert row[5] == f"{measured['macro_f1']:.4f} ({low:.3f}–{high:.3f})"
    assert row[6].startswith(f"{measured['calibration_error']:.4f} (")
    assert (row[4], *row[7:]) == ("1.0000", "1.000", "0.7317")


def test_precision_of_a_field_that_is_always_left_empty_is_unknown(
    artifact: Path, folder: Path, tmp_path: Path
) -> None:
    hesitant = with_evidence(artifact, tmp_path / "hesitant", {"season": outcome(SEASONS, confidence=0.4)})
    [row] = rows_of(written(hesitant, folder), "Figures")
    assert row[7:] == ["0.000", "–"]


def test_worst_confusions_come_with_their_share_of_the_actual_value(artifact: Path, folder: Path) -> None:
    assert rows_of(written(artifact, folder), "Worst confusions") == [
        ["studio", "season", "Fall → Summer: 30 (25 %)", "Winter → Fall: 2 (100 %)", "Rainy → Summer: 1 (100 %)"]
    ]


def test_field_that_is_always_right_has_neither_confusions_nor_missing_values(
    artifact: Path, folder: Path, tmp_path: Path
) -> None:
    perfect = with_evidence(artifact, tmp_path / "perfect", {"gender": outcome([("Men", "Men"), ("Women", "Women")])})
    text = written(perfect, folder)
    assert rows_of(text, "Worst confusions") == [["studio", "gender", "–", "–", "–"]]
    assert rows_of(text, "Values it never predicts") == [["studio", "gender", "2", "0", "0 %", "–"]]


def test_values_that_are_never_predicted_are_counted_and_named(artifact: Path, folder: Path) -> None:
    assert rows_of(written(artifact, folder), "Values it never predicts") == [
        ["studio", "season", "3", "2", "2.4 %", "Winter (2), Rainy (1)"]
    ]


@pytest.mark.parametrize(("confidence", "way"), [(0.9, "too sure"), (0.6, "too modest")])
def test_sentence_on_calibration_follows_from_the_bins(
    artifact: Path, folder: Path, tmp_path: Path, confidence: float, way: str
) -> None:
    other = with_evidence(artifact, tmp_path / "other", {"season": outcome(SEASONS, confidence)})
    expected = (
        f"farthest off is season, by {abs(confidence - 90 / 123):.3f}: mean confidence {confidence:.3f}, right 0.732"
    )
    text = " ".join(written(other, folder).split())
    assert f"Studio: {expected}, so rather {way}." in text


def test_every_set_of_pictures_has_its_diagram(artifact: Path, folder: Path) -> None:
    pictures = re.findall(r"!\[[^]]+\]\(([^)]+)\)", written(artifact, folder))
    assert pictures == ["figures/calibration-studio.svg"]
    assert (folder / pictures[0]).read_text().startswith("<svg ")


def test_sets_and_fields_stand_in_their_order_everywhere(artifact: Path, folder: Path, tmp_path: Path) -> None:
    genders = outcome([("Men", "Men"), ("Women", "Men")])
    studio, phone = {"season": outcome(SEASONS), "gender": genders}, {"gender": genders}
    text = written(with_evidence(artifact, tmp_path / "both", studio, phone), folder)
    for heading in ("Figures", "Worst confusions", "Values it never predicts"):
        rows = [row[:2] for row in rows_of(text, heading)]
        assert rows == [["studio", "season"], ["studio", "gender"], ["phone", "gender"]]
    assert sorted(file.name for file in (folder / "figures").iterdir()) == [
        "calibration-phone.svg",
        "calibration-studio.svg",
    ]


def test_prose_is_wrapped_and_tables_are_whole(artifact: Path, folder: Path) -> None:
    write_noise(folder, share(0.6, 0.5, 0.7), share(0.88, 0.8, 0.9))
    lines = written(artifact, folder).splitlines()
    assert max(len(line) for line in lines if not line.startswith("|")) <= 128
    for upper, lower in pairwise(lines):
        if upper.startswith("|") and lower.startswith("|"):
            assert upper.count("|") == lower.count("|")


def kind_of(categories_empty: float, unfitted: float | None, season: float) -> dict[str, Any]:
    shares = {"unfamiliar": 0.9, "unfamiliar_unfitted": unfitted, "categories_empty": categories_empty}
    return {"n": 1200, **shares, "empty": {"season": season}}


def with_nonproducts(artifact: Path, folder: Path, study: Mapping[str, Any]) -> str:
    (folder / "nonproducts.json").write_text(json.dumps(study))
    return written(artifact, folder)


def test_pictures_of_no_product_are_left_out_until_they_are_measured(artifact: Path, folder: Path) -> None:
    assert "Pictures of no product" not in written(artifact, folder)
    kinds = {
        "page": kind_of(0.75, 0.5, 1.0),
        "crop": kind_of(0.6, None, 0.9),
        "studio report": kind_of(0.01, None, 0.2),
    }
    text = with_nonproducts(artifact, folder, {"model": "some-model", "kinds": kinds})
    assert rows_of(text, "Pictures of no product") == [
        ["page", "1,200", "90 %", "50 %", "75 %", "100 %"],
        ["crop", "1,200", "90 %", "–", "60 %", "90 %"],
        ["studio report", "1,200", "90 %", "–", "1.0 %", "20 %"],
    ]
    assert "Categories stay empty least often for crop: 60 %." in " ".join(text.split())


def test_figures_of_another_model_are_told_as_such(artifact: Path, folder: Path) -> None:
    page = kind_of(0.7, None, 0.9)
    own = f"lapel-shufflenetv2x05-{artifact_sha256(artifact)[:8]}"
    texts = [
        " ".join(with_nonproducts(artifact, folder, {"model": model, "kinds": {"page": page}}).split())
        for model in (own, "other")
    ]
    assert ["Measured on another model than this: `other`." in text for text in texts] == [False, True]
    assert ["another model" in text for text in texts] == [False, True]


def test_label_noise_is_left_out_until_it_is_measured(artifact: Path, folder: Path) -> None:
    assert "Label noise" not in written(artifact, folder)


def test_label_noise_stands_beside_what_the_model_reaches(artifact: Path, folder: Path) -> None:
    write_noise(folder, share(0.9, 0.85, 0.94), share(0.6, 0.5, 0.7))
    text = written(artifact, folder)
    assert rows_of(text, "Label noise") == [
        ["season", "20", "0.9500 (0.900–0.990)", "0.9750", "0.9000 (0.850–0.940)", "0.600", "0.7317", "Fall / Summer 1"]
    ]
    assert "41 of 1,000 studio pictures are twins, in 20 groups." in text
    assert "Among 30 phone pictures there are no twins." in text
    assert "- season" not in text


def test_label_noise_of_what_the_model_does_not_read_stands_alone(artifact: Path, folder: Path, tmp_path: Path) -> None:
    write_noise(folder, share(0.9, 0.85, 0.94), share(0.99, 0.98, 1.0))
    other = with_evidence(artifact, tmp_path / "other", {"gender": outcome([("Men", "Men")])})
    text = written(other, folder)
    assert [row[6] for row in rows_of(text, "Label noise")] == ["–"]
    assert "- season" not in text


def test_findings_are_told_where_the_figures_bear_them_out(artifact: Path, folder: Path) -> None:
    write_noise(folder, share(0.6, 0.5, 0.7), share(0.88, 0.8, 0.9))
    text = " ".join(written(artifact, folder).split())
    assert "- season: the value of the next id is right more often (0.880) than the network" in text
    assert "- season: 40 % of the look-alikes bear different values, but 5.0 % of the groups of twins." in text


def test_other_figures_make_the_card_stale_until_it_is_written_again(
    artifact: Path, folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    files = [folder / "README.md", folder / "figures" / "calibration-studio.svg"]
    assert stale_files(artifact, folder) == files
    assert main(["card", "--artifact", str(artifact), "--out", str(folder)]) == 0
    assert stale_files(artifact, folder) == []
    other = with_evidence(artifact, tmp_path / "other", {"season": outcome(SEASONS[1:])})
    before = [file.read_bytes() for file in files]
    assert main(["card", "--check", "--artifact", str(other), "--out", str(folder)]) == 1
    assert capsys.readouterr().err == "".join(
        f"{file} does not say what {other} says: run python -m ml card.\n" for file in files
    )
    assert [file.read_bytes() for file in files] == before


def test_another_artifact_with_the_same_figures_is_another_card(artifact: Path, folder: Path, tmp_path: Path) -> None:
    written(artifact, folder)
    loaded = load(artifact)
    extras = {EVIDENCE_FILE: (artifact / EVIDENCE_FILE).read_bytes()}
    save(tmp_path / "renamed", loaded.network, replace(loaded.card, name="other"), extras)
    assert stale_files(tmp_path / "renamed", folder) == [folder / "README.md"]


@pytest.mark.parametrize("text", ["no marks", BEGIN, f"{END} {BEGIN}"])
def test_readme_without_marks_is_left_alone(artifact: Path, folder: Path, text: str) -> None:
    (folder / "README.md").write_text(text)
    with pytest.raises(MlError, match=r"the marks .* are not there"):
        write_card(artifact, folder)
    assert (folder / "README.md").read_text() == text
    assert not (folder / "figures").exists()


def test_artifact_without_evidence_is_one_sentence(
    artifact: Path, folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    loaded = load(artifact)
    save(tmp_path / "bare", loaded.network, loaded.card)
    assert main(["card", "--artifact", str(tmp_path / "bare"), "--out", str(folder)]) == 2
    assert "comes without evidence.json" in capsys.readouterr().err

import io
import json
import shutil
from pathlib import Path
from typing import Any

import pytest
import torch
from rich.console import Console

from ml.__main__ import main
from ml.artifact import load, save
from ml.label_noise import agreement, disagreements_text, look_alikes, neighbours, noise_table, study, twins
from ml.layouts import STUDIO, Example
from ml.splits import CALIBRATE, REPORT, TRAIN
from tests.ml.drawings import STYLES_HEADER, draw, write_phone, write_published
from tests.ml.tables import table_of

SUMMER, WINTER, FALL = {"season": "Summer"}, {"season": "Winter"}, {"season": "Fall"}


def marked(*rows: tuple[int | str, str, dict[str, str]]) -> list[tuple[Example, str]]:
    """Id, fingerprint and labels of each picture."""
    return [(Example(Path(f"{name}.jpg"), labels, STUDIO), mark) for name, mark, labels in rows]


def test_twins_that_agree_leave_nothing_to_lose() -> None:
    figures = twins(marked((1, "a", SUMMER), (2, "a", SUMMER), (3, "b", WINTER)))
    assert (figures["pictures"], figures["groups"], figures["twins"]) == (3, 1, 2)
    season = figures["fields"]["season"]
    assert (season["agree"], season["pairs_agree"], season["ceiling"], season["disagreements"]) == (1, 1, 1, [])


def test_majority_of_a_group_is_the_best_that_any_model_can_say() -> None:
    rows = [(1, "a", SUMMER), (2, "a", WINTER), (3, "a", SUMMER), (4, "b", FALL), (5, "b", FALL)]
    assert twins(marked(*rows))["fields"] == {
        "season": {
            "groups": 2,
            "agree": 0.5,
            "agree_interval": [0.09453, 0.90547],
            "pairs": 4,
            "pairs_agree": 0.5,
            "pictures": 5,
            "ceiling": 0.8,
            "disagreements": [["Summer", "Winter", 2]],
        }
    }


def test_disagreements_count_either_way_round_and_the_most_frequent_come_first() -> None:
    rows = [(1, "a", WINTER), (2, "a", SUMMER), (3, "b", FALL), (4, "b", WINTER), (5, "c", WINTER), (6, "c", FALL)]
    season = twins(marked(*rows))["fields"]["season"]
    assert season["disagreements"] == [["Fall", "Winter", 2], ["Summer", "Winter", 1]]
    assert season["ceiling"] == 0.5


def test_field_that_only_one_twin_bears_says_nothing() -> None:
    red = {**SUMMER, "colour": "Red"}
    figures = twins(marked((1, "a", red), (2, "a", red), (3, "a", SUMMER), (4, "b", red), (5, "b", SUMMER)))
    assert [figures["fields"]["season"][key] for key in ("groups", "pictures")] == [2, 5]
    assert [figures["fields"]["colour"][key] for key in ("groups", "pictures")] == [1, 2]
    assert twins(marked((1, "a", SUMMER), (2, "a", {})))["fields"] == {}


def test_look_alikes_are_the_closest_tenth_of_those_nearest_to_each_other() -> None:
    """Ten pairs at right angles to each other; the later, the farther apart."""
    vectors = torch.zeros(20, 20)
    for pair in range(10):
        vectors[2 * pair, 2 * pair] = vectors[2 * pair + 1, 2 * pair] = 1
        vectors[2 * pair + 1, 2 * pair + 1] = 0.1 * (pair + 1)
    labels = [{"colour": f"{row}"} for row in range(20)]
    pairs, cosine = look_alikes(table_of(labels, vectors, side=REPORT), {})
    assert pairs == [({"colour": "0"}, {"colour": "1"})]
    assert cosine == 0.995


def test_picture_whose_nearest_is_nearer_to_another_has_no_look_alike() -> None:
    vectors = torch.tensor([[1.0, 0], [1, 0.1], [1, 0.5]])
    pairs, _cosine = look_alikes(table_of([SUMMER, WINTER, FALL], vectors, side=REPORT), {})
    assert pairs == [(SUMMER, WINTER)]


def test_one_twin_stands_for_all_among_look_alikes() -> None:
    vectors = torch.tensor([[1.0, 0], [1, 0], [1, 0.1]])
    table = table_of([SUMMER, SUMMER, WINTER], vectors, side=CALIBRATE)
    pairs, _cosine = look_alikes(table, {"0.jpg": "a", "1.jpg": "a", "2.jpg": "b"})
    assert pairs == [(SUMMER, WINTER)]


@pytest.mark.parametrize(("side", "count"), [(TRAIN, 2), (REPORT, 1)])
def test_pictures_learned_from_and_single_ones_have_no_look_alikes(side: str, count: int) -> None:
    assert look_alikes(table_of([SUMMER] * count, side=side), {}) == ([], None)


def test_neighbours_follow_each_other_by_number_and_are_no_twins() -> None:
    rows: list[tuple[int | str, str, dict[str, str]]] = [
        (100, "d", FALL),
        (9, "a", SUMMER),
        (10, "b", WINTER),
        (11, "b", FALL),
        ("x12", "e", SUMMER),
    ]
    assert neighbours(marked(*rows)) == [(SUMMER, WINTER), (FALL, FALL)]


def test_agreement_counts_pairs_with_the_field_on_both_sides() -> None:
    both = {"season": "Summer", "gender": "Men"}
    assert agreement([(both, SUMMER), (both, WINTER), ({}, both)]) == {
        "season": {"pairs": 2, "agree": 0.5, "agree_interval": [0.09453, 0.90547]}
    }


def write_twins(folder: Path) -> Path:
    """Forty studio pictures; of two there are twins: one with the same labels, one of another colour."""
    (folder / "images").mkdir(parents=True)
    lines = [STYLES_HEADER]
    for number in range(42):
        picture = folder / "images" / f"{number}.png"
        if number < 40:
            draw(seed=number).save(picture)
        else:
            shutil.copy(folder / "images" / f"{number - 40}.png", picture)
        colour = "Blue" if number == 41 else "Red"
        lines.append(f"{number},Men,Apparel,Topwear,Tshirts,{colour},Summer,2012,Casual,A shirt")
    (folder / "styles.csv").write_text("\n".join(lines) + "\n")
    return folder


def test_command_writes_figures_of_each_kind_of_pictures_and_names_no_picture(
    tiny_artifact: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folders = [write_twins(tmp_path / "studio"), write_phone(tmp_path / "phone", 3)]
    out = tmp_path / "noise.json"
    data = ["--data", *map(str, folders)]
    assert main(["noise", *data, "--artifact", str(tiny_artifact), "--json", str(out)]) == 0
    report = json.loads(out.read_text())
    assert report["model"].startswith("lapel-shufflenetv2x05-")
    studio, phone = report["domains"]["studio"], report["domains"]["phone"]
    assert (studio["pictures"], studio["groups"], studio["twins"]) == (42, 2, 4)
    assert studio["fields"]["colour"]["disagreements"] == [["Blue", "Red", 1]]
    assert {field: row["ceiling"] for field, row in studio["fields"].items() if row["ceiling"] < 1} == {"colour": 0.75}
    assert studio["neighbours"]["fields"]["season"] == {"pairs": 41, "agree": 1.0, "agree_interval": [0.91433, 1.0]}
    assert studio["look_alikes"]["fields"]["colour"]["pairs"] > 0
    assert (phone["groups"], phone["fields"], phone["neighbours"]["fields"]) == (0, {}, {})
    assert not [name for name in (".png", ".jpg") if name in out.read_text()]
    assert "studio: 4 twins in 2 groups" in capsys.readouterr().out


def test_pictures_of_another_kind_are_no_twins_and_broken_ones_no_pictures(tiny_artifact: Path, tmp_path: Path) -> None:
    studio, phone = write_published(tmp_path / "studio", 4), write_phone(tmp_path / "phone", 4)
    shutil.copy(studio / "images" / "0.png", phone / "images" / "p0.jpg")
    (phone / "images" / "p1.jpg").write_text("no picture")
    domains = study(tiny_artifact, [studio, phone])["domains"]
    assert {name: (row["pictures"], row["twins"]) for name, row in domains.items()} == {
        "studio": (4, 0),
        "phone": (3, 0),
    }


def test_missing_folder_is_one_sentence(
    tiny_artifact: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["noise", "--data", str(tmp_path / "nowhere"), "--artifact", str(tiny_artifact)]) == 2
    assert capsys.readouterr().err == f"error: {tmp_path / 'nowhere'}: no such folder.\n"


def test_figures_go_to_standard_output_on_request(
    tiny_artifact: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = write_published(tmp_path / "studio", 4)
    assert main(["noise", "--data", str(folder), "--artifact", str(tiny_artifact), "--json", "-"]) == 0
    assert json.loads(capsys.readouterr().out)["domains"]["studio"]["pictures"] == 4


def test_tables_name_what_has_no_figure_too() -> None:
    figures = twins(marked((1, "a", SUMMER), (2, "a", WINTER)))
    empty: dict[str, Any] = {"look_alikes": {"fields": {}}, "neighbours": {"fields": {}}}
    console = Console(width=100, file=io.StringIO(), record=True)
    console.print(noise_table("studio", {**figures, **empty}))
    assert console.export_text().split()[-7:] == ["season", "1", "0.0000", "0.000-0.793", "0.5000", "-", "-"]
    disagreements = [("Blue", "Green", 4), ("Blue", "White", 3), ("Blue", "Red", 2), ("Pink", "Red", 1)]
    assert disagreements_text(disagreements) == "Blue / Green 4, Blue / White 3, Blue / Red 2"


def test_artifact_without_embeddings_is_one_sentence(
    tiny_artifact: Path, drawn_data: list[Path], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    artifact = load(tiny_artifact)
    save(tmp_path / "bare", artifact.network, artifact.card)
    assert main(["noise", "--data", str(drawn_data[0]), "--artifact", str(tmp_path / "bare")]) == 2
    assert "comes without embeddings.safetensors" in capsys.readouterr().err

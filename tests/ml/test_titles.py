"""Titles as a lesson while training."""

from pathlib import Path

import torch

from ml.layouts import Example, read_folder
from ml.titles import LEAST_PICTURES, TITLE, TitleWords
from ml.train import title_loss


def _examples(*titles: str) -> list[Example]:
    return [Example(Path("1.jpg"), {}, "studio", title=title) for title in titles]


def test_only_words_of_many_pictures_are_learnt() -> None:
    often, seldom = ["Turtle Check Shirt 2011"] * LEAST_PICTURES, ["Rare Shirt"]
    assert TitleWords.observed(_examples(*often, *seldom)).words == ("2011", "check", "shirt", "turtle")


def test_a_word_counts_once_a_picture() -> None:
    repeated = _examples(*["shirt shirt"] * (LEAST_PICTURES - 1))
    assert TitleWords.observed(repeated).words == ()


def test_no_head_without_words() -> None:
    assert TitleWords.observed(_examples("", "")).sizes == {}
    assert TitleWords(("red",)).sizes == {TITLE: 1}


def test_words_are_found_whatever_their_case() -> None:
    held = TitleWords(("red", "shirt")).encode(_examples("RED dress", "", "Shirt, red"))
    assert held.tolist() == [[True, False], [False, False], [True, True]]


def test_pictures_without_a_title_teach_nothing() -> None:
    logits = torch.tensor([[3.0, -3.0], [9.0, 9.0]])
    words = torch.tensor([[True, False], [False, False]])
    assert torch.isclose(title_loss(logits, words), title_loss(logits[:1], words[:1]))
    assert float(title_loss(logits[1:], words[1:])) == 0.0


def test_better_answers_cost_less() -> None:
    words = torch.tensor([[True, False]])
    right, wrong = torch.tensor([[2.0, -2.0]]), torch.tensor([[-2.0, 2.0]])
    assert title_loss(right, words) < title_loss(wrong, words)


def test_the_published_layout_brings_titles_and_years(tmp_path: Path) -> None:
    (tmp_path / "images").mkdir()
    (tmp_path / "images" / "1.jpg").touch()
    header = "id,gender,masterCategory,subCategory,articleType,baseColour,season,year,usage,productDisplayName"
    row = "1,Men,Apparel,Topwear,Shirts,Blue,Fall,2011,Casual,Turtle Shirt, blue"
    (tmp_path / "styles.csv").write_text(f"{header}\n{row}\n")
    assert [each.title for each in read_folder(tmp_path)] == ["Turtle Shirt, blue 2011"]

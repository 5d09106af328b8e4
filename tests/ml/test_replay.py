import random
from collections import Counter

import torch

from ml.embeddings import EmbeddingTable, concatenate
from ml.layouts import PHONE
from ml.network import Network
from ml.pack import from_bytes
from ml.replay import ARTIFACT_BYTES, choose, compact, packed
from ml.splits import CALIBRATE, REPORT, TUNE
from tests.ml.tables import table_of

SHIRT = {"master_category": "Apparel", "sub_category": "Topwear", "article_type": "Shirts"}
COMMON, RARE = {**SHIRT, "colour": "Black"}, {**SHIRT, "colour": "Taupe"}


def chosen(table: EmbeddingTable, count: int) -> Counter[str]:
    return Counter(table.labels[row].get("colour", "") for row in choose(table, count))


def test_rare_colours_stay_and_the_most_common_give_way() -> None:
    assert chosen(table_of([COMMON] * 90 + [RARE] * 5), 20) == {"Black": 15, "Taupe": 5}


def test_studio_shots_and_phone_photos_take_turns() -> None:
    table = concatenate([table_of([COMMON] * 50), table_of([SHIRT] * 8, domain=PHONE, first=50)])
    assert chosen(table, 12) == {"Black": 6, "": 6}
    assert chosen(table, 30) == {"Black": 22, "": 8}


def test_only_the_train_side_is_sampled() -> None:
    table = concatenate([table_of([COMMON] * 5), table_of([RARE] * 5, side=TUNE, first=5)])
    assert chosen(table, 100) == {"Black": 5}


def test_same_pictures_are_chosen_whatever_their_order() -> None:
    table = table_of([COMMON] * 40 + [RARE] * 10)
    rows = list(range(50))
    random.Random(3).shuffle(rows)
    mixed = table.take(rows)
    assert {table.names[row] for row in choose(table, 15)} == {mixed.names[row] for row in choose(mixed, 15)}


def test_frozen_sides_stay_whole_and_tune_stays_behind() -> None:
    sides = [table_of([COMMON] * 20), *(table_of([RARE] * 10, side=side) for side in (REPORT, CALIBRATE, TUNE))]
    kept = Counter(compact(concatenate(sides), max_rows=26, min_replay=4).sides)
    assert kept == {"train": 6, "report": 10, "calibrate": 10}
    assert Counter(compact(concatenate(sides), max_rows=5, min_replay=4).sides)["train"] == 4


def test_pack_fills_what_the_weights_leave() -> None:
    network = Network("shufflenet_v2_x0_5", {"colour": 3})
    table = table_of([COMMON] * 25_000, torch.rand(25_000, 16)[:, :1].expand(25_000, network.feature_count))
    content = packed(network, table)
    assert 0.85 * ARTIFACT_BYTES < len(content) < ARTIFACT_BYTES
    assert len(from_bytes(content)) < 25_000

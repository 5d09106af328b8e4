import torch

from ml.studies.silhouettes import cut_out


def test_product_is_told_from_white_and_from_nothing_else() -> None:
    pictures = torch.ones(3, 3, 20, 20)
    pictures[0, :, 5:15, 5:15] = 0.2
    pictures[1] = 0.5
    mask, is_found = cut_out(pictures)
    assert is_found.tolist() == [True, False, False]
    assert mask.shape == (3, 1, 20, 20)
    assert mask[0, 0, 8:12, 8:12].min() == 1
    assert mask[0, 0, :3].max() == 0
    assert mask[1:].min() == 1  # the whole picture, for want of better

import torch

from ml.inference import classify, embed, table_logits
from ml.network import Network
from ml.preprocessing import Preprocessing

SIZE = Preprocessing(32, 24)
CANVASES = torch.randint(0, 256, (5, 32, 24, 3), dtype=torch.uint8, generator=torch.Generator().manual_seed(0))


def test_logits_do_not_depend_on_the_batch_size() -> None:
    network = Network("shufflenet_v2_x0_5", {"colour": 4}).eval()
    whole, pieces = (table_logits(network, CANVASES, SIZE, size)["colour"] for size in (5, 2))
    assert whole.shape == (5, 4)
    assert torch.allclose(whole, pieces, atol=1e-4)


def test_network_in_training_mode_is_put_into_evaluation_mode() -> None:
    network = Network("shufflenet_v2_x0_5", {"colour": 4}).train()
    first, again = (table_logits(network, CANVASES, SIZE)["colour"] for _ in range(2))
    assert torch.equal(first, again)


def test_no_gradient_is_kept() -> None:
    network = Network("shufflenet_v2_x0_5", {"colour": 4}).eval()
    embeddings = embed(network, CANVASES, SIZE)
    assert not embeddings.requires_grad
    assert not classify(network, embeddings)["colour"].requires_grad


def test_heads_on_embeddings_give_the_logits_of_the_pictures() -> None:
    network = Network("shufflenet_v2_x0_5", {"colour": 4, "season": 2}).eval()
    embeddings = embed(network, CANVASES, SIZE)
    assert embeddings.shape == (5, network.feature_count)
    logits = table_logits(network, CANVASES, SIZE)
    for space, values in classify(network, embeddings).items():
        assert torch.equal(values, logits[space])


def test_no_pictures_give_no_embeddings() -> None:
    network = Network("shufflenet_v2_x0_5", {"colour": 4}).eval()
    assert embed(network, CANVASES[:0], SIZE).shape == (0, network.feature_count)

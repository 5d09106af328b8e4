import torch

from ml.inference import forward, table_logits
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
    assert not forward(network, torch.zeros(1, 3, 32, 24))["colour"].requires_grad

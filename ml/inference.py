"""The forward pass outside training: logits of many pictures, batch after batch."""

from collections.abc import Mapping

import torch
from torch import Tensor

from ml.network import Network
from ml.preprocessing import Preprocessing

BATCH_SIZE = 64


@torch.inference_mode()
def forward(network: Network, pictures: Tensor) -> dict[str, Tensor]:
    """Normalised float32 [N, 3, H, W] -> float32 logits per label space, on the network's device."""
    logits: Mapping[str, Tensor] = network(pictures.contiguous(memory_format=torch.channels_last))
    return {space: values.float() for space, values in logits.items()}


def table_logits(
    network: Network, canvases: Tensor, preprocessing: Preprocessing, batch_size: int = BATCH_SIZE
) -> dict[str, Tensor]:
    """uint8 canvases [N, H, W, 3] -> float32 logits [N, classes] per label space, on the CPU."""
    network.eval()
    device = next(network.parameters()).device
    parts = [
        forward(network, preprocessing.normalise(preprocessing.scale(batch.to(device))))
        for batch in torch.split(canvases, batch_size)
    ]
    return {space: torch.cat([part[space].cpu() for part in parts]) for space in parts[0]}

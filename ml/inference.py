"""The forward pass outside training: embeddings and logits of many pictures, batch after batch."""

import torch
from torch import Tensor

from ml.network import Network
from ml.preprocessing import Preprocessing

BATCH_SIZE = 64
ROWS_AT_ONCE = 4096
"""Embeddings per product with the heads: keeps the logits' working memory small, far above what speed needs."""


@torch.no_grad()  # not inference mode: heads are trained on what comes out
def embed(network: Network, canvases: Tensor, preprocessing: Preprocessing, batch_size: int = BATCH_SIZE) -> Tensor:
    """uint8 canvases [N, H, W, 3] -> the trunk's pooled features float32 [N, D], on the CPU."""
    if not len(canvases):
        return torch.empty(0, network.feature_count)
    network.eval()
    device = next(network.parameters()).device
    parts = [
        network.embed(_inputs(batch.to(device), preprocessing)).cpu() for batch in torch.split(canvases, batch_size)
    ]
    return torch.cat(parts)


@torch.inference_mode()
def classify(network: Network, embeddings: Tensor) -> dict[str, Tensor]:
    """Embeddings float32 [N, D] -> float32 logits [N, classes] per label space, on the CPU."""
    network.eval()
    device = next(network.parameters()).device
    parts = [network.classify(rows.to(device)) for rows in torch.split(embeddings, ROWS_AT_ONCE)]
    return {space: torch.cat([part[space].float().cpu() for part in parts]) for space in parts[0]}


def table_logits(
    network: Network, canvases: Tensor, preprocessing: Preprocessing, batch_size: int = BATCH_SIZE
) -> dict[str, Tensor]:
    """uint8 canvases [N, H, W, 3] -> float32 logits [N, classes] per label space, on the CPU."""
    return classify(network, embed(network, canvases, preprocessing, batch_size))


def _inputs(canvases: Tensor, preprocessing: Preprocessing) -> Tensor:
    pictures = preprocessing.normalise(preprocessing.scale(canvases))
    return pictures.contiguous(memory_format=torch.channels_last)

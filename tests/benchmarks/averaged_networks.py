"""Two networks of one training, each alone and together: is there more in them than in either?

    D="DIR/fashion-products DIR/phone-photos"
    R=tests/benchmarks/results
    python -m tests.benchmarks.averaged_networks --artifacts EARLIER LATER --data $D --out $R/averaged_networks.json

Judged as in `after_training`. Averaged weights get the statistics of their batch normalisation anew, from 4,096
pictures of the train side (Izmailov et al., Averaging weights leads to wider optima, 2018).
"""

import argparse
import copy
import json
import random
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, Final

import torch
from torch import Tensor, nn

from ml.artifact import load
from ml.dataset import load_table, split
from ml.inference import table_logits
from ml.layouts import read_folders
from ml.logit_adjustment import log_frequencies
from ml.network import Network
from ml.preprocessing import Preprocessing
from ml.splits import CALIBRATE, TRAIN, TUNE
from ml.train import TrainingConfig
from tests.benchmarks.after_training import Logits, figures

LATER_SHARES: Final = (0.3, 0.5, 0.7)
NORMALISED_ON, BATCH_SIZE = 4096, 64


def averaged(earlier: Network, later: Network, share: float, canvases: Tensor, preprocessing: Preprocessing) -> Network:
    """The first network's weights moved towards the second's by `share`; canvases uint8 [N, H, W, 3]."""
    mixed, other = copy.deepcopy(earlier), later.state_dict()
    moved = {
        name: value.lerp(other[name], share) if value.is_floating_point() else value
        for name, value in mixed.state_dict().items()
    }
    mixed.load_state_dict(moved)
    for layer in mixed.modules():
        if isinstance(layer, nn.BatchNorm2d):
            layer.reset_running_stats()
            layer.momentum = None  # the mean over all batches
    mixed.train()
    with torch.no_grad():
        for part in torch.split(canvases, BATCH_SIZE):
            mixed.embed(preprocessing.normalise(preprocessing.scale(part)))
    return mixed.eval()


def study(artifacts: Sequence[Path], folders: Sequence[Path]) -> dict[str, Any]:
    earlier, later = (load(path) for path in artifacts)
    vocabulary, preprocessing = earlier.card.vocabulary, earlier.card.preprocessing
    by_side = split(read_folders(folders))
    judged = load_table([*by_side[TUNE], *by_side[CALIBRATE]], vocabulary, preprocessing, "tune and calibrate")
    drawn = random.Random(1).sample(list(by_side[TRAIN]), min(NORMALISED_ON, len(by_side[TRAIN])))
    sample = load_table(drawn, vocabulary, preprocessing, "train, some")
    strengths = TrainingConfig().logit_adjustment
    frequencies = log_frequencies(vocabulary.encode(by_side[TRAIN]), vocabulary.sizes, strengths)

    def logits(network: Network) -> dict[str, Tensor]:
        return table_logits(network, judged.canvases, preprocessing)

    def variants() -> Iterator[tuple[str, Logits]]:
        first, second = logits(earlier.network), logits(later.network)
        yield "the earlier network", first
        adjusted = {space: values - frequencies.get(space, 0.0) for space, values in first.items()}
        yield "the earlier network, logits adjusted", adjusted
        yield "the later network", second
        yield "mean of the last two", {space: (adjusted[space] + second[space]) / 2 for space in second}
        for share in LATER_SHARES:
            mixed = averaged(earlier.network, later.network, share, sample.canvases, preprocessing)
            yield f"weights averaged, {share} of the later", logits(mixed)

    rows = {name: figures(earlier, each, judged) for name, each in variants()}
    names = [artifact.card.name for artifact in (earlier, later)]
    return {"models": names, "judged": len(judged), "variants": rows}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--artifacts", type=Path, nargs=2, required=True)
    parser.add_argument("--data", type=Path, nargs="+", required=True)
    parser.add_argument("--out", type=Path)
    options = parser.parse_args()
    text = json.dumps(study(options.artifacts, options.data), indent=1)
    print(text)
    if options.out:
        options.out.write_text(text + "\n")


if __name__ == "__main__":
    main()

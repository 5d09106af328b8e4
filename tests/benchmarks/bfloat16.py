"""Whether networks learn faster in bfloat16 here: seconds of one training step, of both.

python -m tests.benchmarks.bfloat16 --out tests/benchmarks/results/bfloat16.json
"""

import argparse
import json
import time
from pathlib import Path
from typing import Any, Final

import torch
import torch.nn.functional as F
from torch import nn

from ml.bench import machine
from ml.network import learns_in_bfloat16
from ml.zoo import models

NAMES: Final = ("mobilenet_v2", "efficientnet_b0", "resnet18")
SIZES: Final = ((80, 60), (160, 120))
BATCH: Final = 64
CLASSES: Final = 45
STEPS: Final = 4


def seconds(model: nn.Module, size: tuple[int, int], *, is_bfloat16: bool) -> float:
    """Processor seconds of a step on drawn pictures; the first one warms up."""
    optimizer = torch.optim.AdamW(model.parameters(), fused=True)
    pictures = torch.randn(BATCH, 3, *size).contiguous(memory_format=torch.channels_last)
    labels = torch.randint(0, CLASSES, (BATCH,))
    began = 0.0
    for step in range(STEPS + 1):
        began = began if step > 1 else time.process_time()
        with torch.autocast("cpu", torch.bfloat16, enabled=is_bfloat16):
            loss = F.cross_entropy(model(pictures), labels)
        optimizer.zero_grad()
        loss.backward()  # type: ignore[no-untyped-call]
        optimizer.step()
    return (time.process_time() - began) / STEPS


def measure(name: str, size: tuple[int, int]) -> dict[str, Any]:
    model = models.get_model(name, num_classes=CLASSES).to(memory_format=torch.channels_last)
    single, half = (seconds(model, size, is_bfloat16=each) for each in (False, True))
    return {
        "network": name,
        "pixels": list(size),
        "float32_seconds": round(single, 3),
        "bfloat16_seconds": round(half, 3),
        "ratio": round(half / single, 2),
        "is_chosen": learns_in_bfloat16(model, torch.device("cpu"), size),
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--out", type=Path)
    arguments = parser.parse_args()
    found = {"machine": machine.describe(), "steps": [measure(name, size) for name in NAMES for size in SIZES]}
    text = json.dumps(found, indent=2)
    print(text)
    if arguments.out:
        arguments.out.write_text(text + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()

"""What a run was measured on."""

import os
import platform
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any, Final

import torch
from PIL import features

FLAGS: Final = ("avx2", "avx512f", "avx512_vnni", "avx512_bf16", "amx_bf16", "amx_int8", "sha_ni", "asimd", "bf16")
LIBRARIES: Final = ("torch", "torchvision", "onnxruntime", "pillow", "numpy")


def describe() -> dict[str, Any]:
    """Processor, its cores and the instructions that matter here, threads, accelerator, libraries."""
    facts = _processor_facts()
    present = set(facts.get("flags", facts.get("Features", "")).split())
    return {
        "processor": facts.get("model name", platform.processor() or platform.machine()),
        "cores": os.cpu_count(),
        "flags": [flag for flag in FLAGS if flag in present],
        "threads": torch.get_num_threads(),
        "gpu": torch.cuda.get_device_name() if torch.cuda.is_available() else None,
        "python": platform.python_version(),
        "libraries": {**{name: _version(name) for name in LIBRARIES}, "jpeg": features.version("libjpeg_turbo")},
        "load": [round(load, 1) for load in os.getloadavg()],
    }


def _processor_facts() -> dict[str, str]:
    try:
        lines = Path("/proc/cpuinfo").read_text().splitlines()
    except OSError:  # not Linux
        return {}
    pairs = (line.partition(":") for line in lines)
    return {name.strip(): value.strip() for name, colon, value in pairs if colon}


def _version(name: str) -> str | None:
    try:
        return version(name)
    except PackageNotFoundError:
        return None

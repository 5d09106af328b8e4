import os

import torch

from ml.bench import machine


def test_machine_is_named_with_what_speed_depends_on() -> None:
    facts = machine.describe()
    assert facts["processor"]
    assert (facts["cores"], facts["threads"]) == (os.cpu_count(), torch.get_num_threads())
    assert facts["libraries"]["torch"] == torch.__version__.partition("+")[0]


def test_missing_library_is_named_as_missing() -> None:
    assert machine._version("no-such-library") is None

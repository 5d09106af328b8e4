"""`python -m tests.containers.run_steps web`: runs the Dockerfile's own steps without a container engine.

Builds the target in a Debian root, starts its command as its user on a read-only root, and asks its health check. Needs
root, Linux and debootstrap; the worker's PyTorch takes several GB. Variables for the container: `--env NAME=VALUE`.
"""

import argparse
import subprocess
from pathlib import Path

from tests.containers.debian_root import make_base
from tests.containers.dockerfile import ROOT, read_stages
from tests.containers.image import Builder, Container


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("target", choices=("web", "worker"))
    parser.add_argument("--folder", type=Path, required=True, help="Where the roots lie; several GB.")
    parser.add_argument("--built", action="store_true", help="Start what was built before.")
    parser.add_argument("--data", type=Path, help="A folder for /data; in memory without it.")
    parser.add_argument("--env", action="append", default=[], metavar="NAME=VALUE")
    parser.add_argument("--first", default="", metavar="COMMAND", help="What to run in the image before its command.")
    options = parser.parse_args()
    stages = read_stages((ROOT / "Dockerfile").read_text(encoding="utf-8"))
    base = options.folder / "debian"
    if not base.exists():
        make_base(base)
    builder = Builder(stages, base, options.folder)
    root = options.folder / options.target if options.built else builder.build(options.target)
    environment = dict(each.split("=", 1) for each in options.env)
    report(Container(stages, options.target, root, environment, options.data), options.first.split())


def report(container: Container, first: list[str]) -> None:
    for part in ("opt/venv", "app"):
        size = subprocess.run(["du", "-sm", container.place.root / part], capture_output=True, text=True, check=True)
        print(f"{part}: {size.stdout.split()[0]} MB")
    print("torch can be imported:", container.run("python", "-c", "import torch").returncode == 0)
    print("its own code can be changed:", container.run("touch", "manage.py").returncode == 0)
    if first:
        ran = container.run(*first)
        print(f"{' '.join(first)}: status {ran.returncode}\n{ran.stdout}{ran.stderr}")
    with container:
        print(f"healthy after {container.wait_until_healthy(120):.1f} s, as user {container.uid()}")
        print(f"stopped in {container.stop():.1f} s with status {container.process.returncode}")


if __name__ == "__main__":
    main()

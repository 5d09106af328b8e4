"""An image of the Dockerfile, made step by step in a Debian root, and a container of it."""

import signal
import subprocess
import time
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from types import TracebackType

from tests.containers.build_context import BuildContext
from tests.containers.debian_root import PATH, Place, copy_root, network_environment
from tests.containers.dockerfile import Instruction, Stage, environment_of, instructions_of, last


class Builder:
    """Runs the steps of stages, each in a folder of its own beneath `folder`; `base` stands for the base image."""

    def __init__(self, stages: Mapping[str, Stage], base: Path, folder: Path) -> None:
        self._stages, self._base, self._folder = stages, base, folder
        self._context = BuildContext()
        self._built: set[str] = set()

    def build(self, name: str) -> Path:
        """The folder with the stage's files; the stages that it needs are built first."""
        stage, root = self._stages[name], self._folder / name
        if name in self._built:
            return root
        copy_root(self.build(stage.base) if stage.base in self._stages else self._base, root)
        place = self._place(stage, root)
        for number, instruction in enumerate(stage.instructions):
            if instruction.keyword == "WORKDIR":
                (root / instruction.value.lstrip("/")).mkdir(parents=True, exist_ok=True)
                place = replace(place, workdir=instruction.value)
            elif instruction.keyword == "COPY":
                self._copy(instruction, place)
            elif instruction.keyword == "RUN":
                environment = environment_of(self._steps_before(stage, number), {"PATH": PATH, "HOME": "/root"})
                self._run(instruction, place, environment)
        self._built.add(name)
        return root

    def _steps_before(self, stage: Stage, number: int) -> list[Instruction]:
        below = instructions_of(self._stages, stage.base) if stage.base in self._stages else []
        return [*below, *stage.instructions[:number]]

    def _place(self, stage: Stage, root: Path) -> Place:
        workdirs = [each.value for each in self._steps_before(stage, 0) if each.keyword == "WORKDIR"]
        return Place(root, workdir=workdirs[-1] if workdirs else "/")

    def _copy(self, instruction: Instruction, place: Place) -> None:
        *sources, target = instruction.words()
        destination = place.root / place.workdir.lstrip("/") / target
        for source in sources:
            if "from" in instruction.flags:
                other = self.build(instruction.flags["from"]) / source.lstrip("/")
                subprocess.run(["cp", "--archive", f"{other}/.", destination], check=True)
            else:
                self._context.copy(source, destination)

    def _run(self, instruction: Instruction, place: Place, environment: Mapping[str, str]) -> None:
        began = time.monotonic()
        caches = {}
        if "mount" in instruction.flags:
            target = instruction.flags["mount"].partition("target=")[2]
            caches[target] = self._folder / "cache"
            caches[target].mkdir(parents=True, exist_ok=True)
        ran = replace(place, binds=caches).run(
            ["/bin/sh", "-e", "-c", instruction.value], {**environment, **network_environment()}
        )
        if ran.returncode:
            raise SystemExit(f"RUN {instruction.value}\nended with {ran.returncode}:\n{ran.stdout}{ran.stderr}")
        print(f"{time.monotonic() - began:7.1f} s  RUN {' '.join(instruction.words())[:90]}", flush=True)


class Container:
    """The image's command as its user, on a read-only root; `/data` is `data`, or in memory like `/tmp`."""

    def __init__(
        self, stages: Mapping[str, Stage], name: str, root: Path, environment: Mapping[str, str], data: Path | None
    ) -> None:
        steps = instructions_of(stages, name)
        self._steps, self.log = steps, root.with_name(f"{name}.log")
        self._environment = {**environment_of(steps, {"PATH": PATH}), "HOME": "/nonexistent", **environment}
        self.place = Place(
            root,
            workdir=last(steps, "WORKDIR").value,
            user=last(steps, "USER").value,
            binds={"/data": data} if data else {},
            scratch=("/tmp",) if data else ("/tmp", "/data"),
            read_only=True,
        )

    def run(self, *words: str) -> "subprocess.CompletedProcess[str]":
        return self.place.run(words, self._environment)

    def __enter__(self) -> "Container":
        self.process = self.place.start(last(self._steps, "CMD").command(), self._environment, self.log)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self.process.poll() is None:
            self.stop()

    def wait_until_healthy(self, seconds: float) -> float:
        """Seconds until the image's own health check said yes. Raises `SystemExit` with the log."""
        began = time.monotonic()
        check = last(self._steps, "HEALTHCHECK").command()
        while time.monotonic() - began < seconds and self.process.poll() is None:
            if self.place.beside(self.process, check, self._environment) == 0:
                return time.monotonic() - began
            time.sleep(0.5)
        raise SystemExit(f"it did not become healthy (status {self.process.poll()}):\n{self.log.read_text()[-4000:]}")

    def uid(self) -> int:
        status = Path(f"/proc/{self.process.pid}/status").read_text(encoding="utf-8")
        return int(status.partition("Uid:")[2].split()[0])

    def stop(self) -> float:
        """Seconds until it ended after the image's stop signal."""
        began = time.monotonic()
        self.process.send_signal(signal.Signals[last(self._steps, "STOPSIGNAL").value])
        self.process.wait(60)
        return time.monotonic() - began

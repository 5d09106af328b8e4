"""Reading a Dockerfile: the part of the language that ours uses. What it does not know it refuses."""

import json
import re
import shlex
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
KEYWORDS = {
    "ARG", "CMD", "COPY", "ENV", "EXPOSE", "FROM", "HEALTHCHECK", "RUN", "STOPSIGNAL", "USER", "VOLUME", "WORKDIR",
}  # fmt: skip
FLAG = re.compile(r"--([a-z-]+)=(\S+)\s+")
VARIABLE = re.compile(r"\$(\w+)")


@dataclass(frozen=True)
class Instruction:
    keyword: str
    flags: Mapping[str, str]
    value: str

    def words(self) -> list[str]:
        return shlex.split(self.value)

    def command(self) -> list[str]:
        """The exec form of CMD and HEALTHCHECK. Raises `ValueError` for the shell form: signals stop at a shell."""
        command = json.loads(self.value.removeprefix("CMD").strip())
        if not isinstance(command, list) or not all(isinstance(word, str) for word in command):
            raise ValueError(f"{self.keyword} is not a list of words: {self.value}")
        return command


@dataclass
class Stage:
    """`base` is another stage's name or an image."""

    name: str
    base: str
    instructions: list[Instruction] = field(default_factory=list)


def read_stages(text: str) -> dict[str, Stage]:
    """The stages by name, in order. Raises `ValueError` for what this does not understand."""
    stages: dict[str, Stage] = {}
    for instruction in _instructions(text):
        if instruction.keyword == "FROM":
            base, _as, name = instruction.words()
            stages[name] = stage = Stage(name, base)
        else:
            stage.instructions.append(instruction)
    return stages


def _instructions(text: str) -> Iterator[Instruction]:
    lines = [line for line in text.splitlines() if not line.lstrip().startswith("#")]
    for line in "\n".join(lines).replace("\\\n", " ").splitlines():
        keyword, _space, rest = line.strip().partition(" ")
        if not keyword:
            continue
        if keyword not in KEYWORDS or "<<" in rest:
            raise ValueError(f"not understood: {line}")
        flags = {}
        while flag := FLAG.match(rest := rest.lstrip()):
            flags[flag[1]] = flag[2]
            rest = rest[flag.end() :]
        yield Instruction(keyword, flags, rest.strip())


def lineage(stages: Mapping[str, Stage], target: str) -> list[Stage]:
    """The target and the stages it stands on, the lowest first."""
    stage = stages[target]
    below = lineage(stages, stage.base) if stage.base in stages else []
    return [*below, stage]


def instructions_of(stages: Mapping[str, Stage], target: str) -> list[Instruction]:
    """All that makes the target's image, in order."""
    return [each for stage in lineage(stages, target) for each in stage.instructions]


def environment_of(instructions: list[Instruction], inherited: Mapping[str, str]) -> dict[str, str]:
    """What ENV sets on top of what the base image sets."""
    values = dict(inherited)
    for instruction in instructions:
        if instruction.keyword == "ENV":
            for pair in instruction.words():
                name, _equals, value = pair.partition("=")
                values[name] = VARIABLE.sub(lambda match: values.get(match[1], ""), value)
    return values


def last(instructions: list[Instruction], keyword: str) -> Instruction:
    """The one that counts. Raises `LookupError` where there is none."""
    found = [each for each in instructions if each.keyword == keyword]
    if not found:
        raise LookupError(f"there is no {keyword}")
    return found[-1]

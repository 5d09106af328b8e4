"""Train, evaluate and use Lapel's network, and say what it can and cannot do: python -m ml COMMAND."""

import argparse
import json
import logging
import os
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ml.errors import DataError, MlError
from ml.studies.registry import MODULES, load_study

if TYPE_CHECKING:
    from ml.engines import EngineName
    from ml.predictor import Predictor

ENGINES = ("auto", "torch", "onnx", "compiled")
DEFAULT_ARTIFACT = Path(__file__).parent / "artifacts" / "default"


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; the exit status: 0 done, 1 no picture could be read, 2 a clear error on stderr."""
    logging.basicConfig(format="%(message)s", level=logging.WARNING)
    options = _parser().parse_args(arguments)
    try:
        status: int = options.command(options)
        return status
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # whoever read us has gone
        return 0
    except (MlError, OSError) as error:
        print(f"error: {error}", file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        return 130


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m ml", description=__doc__)
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    _add_train(commands.add_parser("train", help="train a network and save it as an artifact"))
    _add_evaluate(commands.add_parser("evaluate", help="measure an artifact on labelled pictures"))
    _add_predict(commands.add_parser("predict", help="read the fields off pictures"))
    _add_pack(commands.add_parser("pack", help="add embeddings and evidence to a trained artifact"))
    _add_corrections(
        commands.add_parser("corrections", help="measure how corrections by some help the photos of others")
    )
    _add_noise(commands.add_parser("noise", help="measure how often the same picture bears different labels"))
    _add_card(commands.add_parser("card", help="write the model card into ml/README.md, from the artifact's figures"))
    _add_nonproducts(commands.add_parser("nonproducts", help="measure what it makes of pictures of no product"))
    _add_colours(commands.add_parser("colours", help="learn how products of each colour look, from labelled pictures"))
    _add_bench(commands.add_parser("bench", help="measure how fast this machine tags, as ratios within one run"))
    _add_study(commands.add_parser("study", help="compare networks, recipes or data, and write a report"))
    return parser


def _add_train(parser: argparse.ArgumentParser) -> None:
    parser.set_defaults(command=_train)
    add = parser.add_argument
    add("--data", type=Path, nargs="+", required=True, metavar="DIR", help="folders of labelled pictures")
    add("--out", type=Path, required=True, metavar="ARTIFACT", help="folder of the new artifact")
    add("--run", type=Path, metavar="DIR", help="checkpoints (default: ARTIFACT with .run added)")
    add("--resume", action="store_true", help="go on from the newest checkpoint")
    add("--finish", action="store_true", help="save the newest checkpoint without more training")
    add("--pretrained", type=Path, metavar="FILE", help="trunk weights as safetensors, torchvision's names")
    add("--start", type=Path, metavar="ARTIFACT", help="go on from a trained artifact: trunk and heads")
    add("--augmentation", default="strong", choices=("strong", "light"), help="light: for a last phase with --start")
    add("--trunk", default="mobilenet_v2", metavar="NAME", help="any torchvision classification network")
    add("--epochs", type=_positive, default=6, metavar="N")
    add("--batch-size", type=_positive, default=64, metavar="N")
    add("--learning-rate", type=float, default=1e-3, metavar="X")
    add("--height", type=_positive, default=128, metavar="PIXELS", help="input height")
    add("--width", type=_positive, default=96, metavar="PIXELS", help="input width")
    add("--seed", type=int, default=1, metavar="N")
    add("--limit", type=_positive, metavar="N", help="only the first N pictures of each folder (for a trial)")


def _add_evaluate(parser: argparse.ArgumentParser) -> None:
    parser.set_defaults(command=_evaluate)
    add = parser.add_argument
    add("--data", type=Path, nargs="+", required=True, metavar="DIR", help="folders of labelled pictures")
    add("--artifact", type=Path, default=DEFAULT_ARTIFACT, metavar="ARTIFACT")
    add("--engine", default="auto", choices=ENGINES, help="what computes the network (auto: PyTorch)")
    add("--split", default="all", choices=("all", "train", "tune", "calibrate", "report"))
    add("--json", type=Path, metavar="FILE", help="write the figures there (- for standard output)")


def _add_predict(parser: argparse.ArgumentParser) -> None:
    parser.set_defaults(command=_predict)
    add = parser.add_argument
    add("paths", type=Path, nargs="+", metavar="PATH", help="pictures, and folders to walk")
    add("--artifact", type=Path, default=DEFAULT_ARTIFACT, metavar="ARTIFACT")
    add("--engine", default="auto", choices=ENGINES, help="what computes the network (auto: PyTorch)")
    add("--json", action="store_true", help="one JSON object per line and picture")


def _add_pack(parser: argparse.ArgumentParser) -> None:
    parser.set_defaults(command=_pack)
    add = parser.add_argument
    add(
        "--data",
        type=Path,
        nargs="+",
        default=[],
        metavar="DIR",
        help="the folders that it was trained on (default: the embeddings that it comes with)",
    )
    add("--artifact", type=Path, default=DEFAULT_ARTIFACT, metavar="ARTIFACT")
    add("--out", type=Path, required=True, metavar="ARTIFACT", help="folder of the result; may be the same")


def _add_corrections(parser: argparse.ArgumentParser) -> None:
    parser.set_defaults(command=_corrections)
    add = parser.add_argument
    add("--data", type=Path, required=True, metavar="DIR", help="the folder phone-photos")
    add("--artifact", type=Path, default=DEFAULT_ARTIFACT, metavar="ARTIFACT", help="with embeddings")
    add("--seeds", type=_positive, default=5, metavar="N", help="how often people are drawn anew")
    add("--out", type=Path, metavar="FILE.json", help="write the figures there (- for standard output)")


def _add_noise(parser: argparse.ArgumentParser) -> None:
    parser.set_defaults(command=_noise)
    add = parser.add_argument
    add("--data", type=Path, nargs="+", required=True, metavar="DIR", help="folders of labelled pictures")
    add("--artifact", type=Path, default=DEFAULT_ARTIFACT, metavar="ARTIFACT", help="with embeddings")
    add("--json", type=Path, metavar="FILE", help="write the figures there (- for standard output)")


def _add_card(parser: argparse.ArgumentParser) -> None:
    parser.set_defaults(command=_card)
    add = parser.add_argument
    add("--artifact", type=Path, default=DEFAULT_ARTIFACT, metavar="ARTIFACT", help="with evidence")
    add("--check", action="store_true", help="write nothing; status 1 when a file does not say what the artifact says")
    add("--out", type=Path, default=Path(__file__).parent, metavar="DIR", help="folder of README.md (default: ml)")


def _add_nonproducts(parser: argparse.ArgumentParser) -> None:
    parser.set_defaults(command=_nonproducts)
    add = parser.add_argument
    add("--artifact", type=Path, default=DEFAULT_ARTIFACT, metavar="ARTIFACT", help="with embeddings")
    add("--data", type=Path, metavar="DIR", help="the folder fashion-mnist: one more kind")
    add("--n", type=_positive, default=100, metavar="N", help="pictures of each kind")
    add("--json", type=Path, metavar="FILE", help="write the figures there (- for standard output)")


def _add_colours(parser: argparse.ArgumentParser) -> None:
    parser.set_defaults(command=_colours)
    add = parser.add_argument
    add("--data", type=Path, required=True, nargs="+", metavar="DIR", help="folders of labelled pictures")
    add("--out", type=Path, required=True, metavar="FILE", help="the reference, such as ml/colours.json")


def _add_bench(parser: argparse.ArgumentParser) -> None:
    parser.set_defaults(command=_bench)
    add = parser.add_argument
    add("--artifact", type=Path, default=DEFAULT_ARTIFACT, metavar="ARTIFACT")
    add("--photos", type=Path, metavar="DIR", help="pictures to time instead of drawn ones")
    add("--data", type=Path, nargs="+", default=[], metavar="DIR", help="labelled pictures: accuracy of each engine")
    add("--repeats", type=_positive, default=9, metavar="N")
    add("--json", type=Path, metavar="FILE", help="write the figures there (- for standard output)")


def _add_study(parser: argparse.ArgumentParser) -> None:
    parser.set_defaults(command=_study)
    add = parser.add_argument
    add("name", choices=list(MODULES), metavar="NAME", help=", ".join(MODULES))
    add(
        "--data", type=Path, default=Path("data"), metavar="DIR", help="holds fashion-mnist, fashion-products, imagenet"
    )
    add(
        "--out",
        type=Path,
        metavar="DIR",
        help="results, plots, report (default: var/studies/NAME); resumes what is there",
    )
    add("--artifact", type=Path, default=DEFAULT_ARTIFACT, metavar="ARTIFACT", help="for explore, explain, transfer")
    add("--pretrained", type=Path, metavar="FILE", help="trunk weights for transfer (default: DIR/imagenet/…)")
    scale = parser.add_mutually_exclusive_group()
    scale.add_argument("--quick", action="store_true", help="a minute, to see that it runs; its figures mean nothing")
    scale.add_argument("--report", action="store_true", help="run nothing: write the report of what is in --out anew")
    scale.add_argument("--full", action="store_true", help="the whole grid, for a GPU")


def _positive(text: str) -> int:
    number = int(text)
    if number < 1:
        raise argparse.ArgumentTypeError("must be at least 1")
    return number


def _train(options: argparse.Namespace) -> int:
    from ml.augmentation import Augmentation
    from ml.distributed import follow, leads
    from ml.job import Job, run_job
    from ml.preprocessing import Preprocessing
    from ml.train import TrainingConfig

    if not leads():
        follow()
        return 0
    config = TrainingConfig(
        trunk=options.trunk,
        preprocessing=Preprocessing(options.height, options.width),
        augmentation=Augmentation.light() if options.augmentation == "light" else Augmentation(),
        epochs=options.epochs,
        batch_size=options.batch_size,
        learning_rate=options.learning_rate,
        seed=options.seed,
    )
    run = options.run or options.out.with_name(options.out.name + ".run")
    run_job(
        Job(
            data=options.data,
            out=options.out,
            run=run,
            config=config,
            pretrained=options.pretrained,
            start=options.start,
            resume=options.resume,
            finish=options.finish,
            limit=options.limit,
        )
    )
    return 0


def _evaluate(options: argparse.Namespace) -> int:
    from rich.console import Console

    from ml.evaluate import evaluate_folders, figures_table

    report = evaluate_folders(_load(options.artifact, options.engine), options.data, options.split)
    console = Console(stderr=str(options.json) == "-")
    for domain, figures in report["domains"].items():
        console.print(figures_table(f"{report['model']}, {domain}, {report['split']}", figures))
    if options.json:
        _write_json(options.json, report)
    return 0


def _write_json(file: Path, report: dict[str, Any]) -> None:
    text = json.dumps(report, indent=1)
    if str(file) == "-":
        print(text)
    else:
        file.write_text(text + "\n")


def _predict(options: argparse.Namespace) -> int:
    from ml.predict import as_json, check_paths, predict_files

    check_paths(options.paths)
    predictor = _load(options.artifact, options.engine)
    has_read_any = False
    for result in predict_files(predictor, options.paths):
        has_read_any = has_read_any or result.error is None
        row = as_json(result, predictor.name)
        print(json.dumps(row) if options.json else _line(row), flush=True)
    return 0 if has_read_any else 1


def _line(row: dict[str, Any]) -> str:
    """One picture as text: path, then value and confidence per field.

    `?` where the app would abstain, `!` where the picture's own pixels contradict the colour.
    """
    if "error" in row:
        return f"{row['path']}: {row['error']}"
    lines = [str(row["path"])]
    for name, entry in row["fields"].items():
        marks = (" ?" if entry.get("abstain") else "") + (" !" if entry.get("contradicted") else "")
        value = entry["value"] + marks
        lines.append(f"  {name:<16} {value:<28} {entry['confidence']:.2f}")
    return "\n".join(lines)


def _pack(options: argparse.Namespace) -> int:
    from ml.extras import pack_artifact
    from ml.progress import progress_bar

    with progress_bar("Embedding") as progress:
        print(pack_artifact(options.artifact, options.data, options.out, progress))
    return 0


def _corrections(options: argparse.Namespace) -> int:
    from rich.console import Console

    from ml.corrections import study, summary_table
    from ml.progress import progress_bar

    with progress_bar("Embedding and refitting") as progress:
        report = study(options.artifact, options.data, range(1, options.seeds + 1), progress)
    Console(stderr=str(options.out) == "-").print(summary_table(report))
    if options.out:
        _write_json(options.out, report)
    return 0


def _noise(options: argparse.Namespace) -> int:
    from rich.console import Console

    from ml.label_noise import disagreements_table, noise_table, study

    report = study(options.artifact, options.data)
    console = Console(stderr=str(options.json) == "-")
    for domain, figures in report["domains"].items():
        console.print(noise_table(domain, figures))
        if figures["fields"]:
            console.print(disagreements_table(domain, figures))
    if options.json:
        _write_json(options.json, report)
    return 0


def _card(options: argparse.Namespace) -> int:
    from ml.model_card import stale_files, write_card

    if not options.check:
        write_card(options.artifact, options.out)
        return 0
    stale = stale_files(options.artifact, options.out)
    for file in stale:
        print(f"{file} does not say what {options.artifact} says: run python -m ml card.", file=sys.stderr)
    return 1 if stale else 0


def _nonproducts(options: argparse.Namespace) -> int:
    from rich.console import Console

    from ml.rejection import study, tables

    report = study(options.artifact, options.data, options.n)
    Console(stderr=str(options.json) == "-").print(*tables(report))
    if options.json:
        _write_json(options.json, report)
    return 0


def _colours(options: argparse.Namespace) -> int:
    from ml.colour_reference import colour_reference, written

    options.out.write_text(written(colour_reference(options.data)))
    return 0


def _bench(options: argparse.Namespace) -> int:
    from rich.console import Console

    from ml.bench.report import bench, print_tables

    report = bench(options.artifact, options.photos, options.data, options.repeats)
    print_tables(report, Console(stderr=str(options.json) == "-"))
    if options.json:
        _write_json(options.json, report)
    return 0


def _study(options: argparse.Namespace) -> int:
    study = load_study(options.name)
    from ml.studies.laboratory import Scale
    from ml.studies.study import conduct, write_report

    scale = Scale.QUICK if options.quick else Scale.FULL if options.full else Scale.STANDARD
    out = options.out or Path("var", "studies", options.name + ("-quick" if options.quick else ""))
    if options.report:
        print(write_report(study, out))
    else:
        weights: Path | None = options.pretrained and options.pretrained.absolute()
        if weights and not weights.is_file():
            raise DataError(f"{weights}: no such file.")
        models = options.artifact, weights
        print(conduct(study, options.name, scale, options.data, out, *models))
    return 0


def _load(artifact: Path, engine: "EngineName" = "auto") -> "Predictor":
    from ml.predictor import Predictor

    return Predictor.load(artifact, engine=engine)


if __name__ == "__main__":
    sys.exit(main())

"""Which kind of model reads Fashion-MNIST best, and what does that cost?"""

from ml.studies.architectures.experiment import run
from ml.studies.architectures.findings import draw, report
from ml.studies.study import Study

STUDY = Study(
    question="Which kind of model reads Fashion-MNIST best, networks or classical ones, and what does that cost?",
    run=run,
    report=report,
    draw=draw,
)

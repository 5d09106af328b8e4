"""Is a search for good settings worth its trials, and which way of searching?"""

from ml.studies.search.experiment import run
from ml.studies.search.findings import draw, report
from ml.studies.study import Study

STUDY = Study(
    question="Learning rate, weight decay, depth, dropout of a small CNN: which matters, and which search finds them?",
    run=run,
    report=report,
    draw=draw,
)

"""Does the batch size change what a network learns, or only how long it takes?"""

from ml.studies.batch_size.experiment import run
from ml.studies.batch_size.findings import draw, report
from ml.studies.study import Study

STUDY = Study(
    question="Does the batch size change precision, recall, F1 and AUC on Fashion-MNIST, and what does it cost?",
    run=run,
    report=report,
    draw=draw,
)

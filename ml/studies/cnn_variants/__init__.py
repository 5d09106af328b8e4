"""What helps a plain convolutional network more: its most important setting set well, or augmentation?"""

from ml.studies.cnn_variants.experiment import run
from ml.studies.cnn_variants.findings import draw, report
from ml.studies.study import Study

STUDY = Study(
    question="Thirteen subcategories: what does more for a plain CNN, its most important setting or augmentation?",
    run=run,
    report=report,
    draw=draw,
)

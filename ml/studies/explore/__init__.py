"""What a folder of labelled pictures holds: counts, imbalance, colour, what is broken, doubled or labelled wrongly."""

from ml.studies.explore.experiment import run
from ml.studies.explore.findings import draw, report
from ml.studies.study import Study

STUDY = Study("What do the data look like, and what is wrong with them?", run, report, draw)

"""What a trained network reads: which regions, how much of it is colour, texture or shape, and where it is wrong."""

from ml.studies.explain.experiment import run
from ml.studies.explain.findings import draw, report
from ml.studies.study import Study

STUDY = Study("What does the network look at, and where is it wrong?", run, report, draw)

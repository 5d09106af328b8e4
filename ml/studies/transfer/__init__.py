"""What does a pretrained trunk bring, and how far do larger pictures and other networks get at the same budget?"""

from ml.studies.study import Study
from ml.studies.transfer.experiment import run
from ml.studies.transfer.findings import draw, report

STUDY = Study("What do pretrained weights, larger pictures and other networks bring?", run, report, draw)

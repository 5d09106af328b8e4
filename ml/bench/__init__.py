"""`python -m ml bench`: how fast this machine tags, as ratios within one run."""

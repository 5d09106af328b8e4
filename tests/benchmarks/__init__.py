"""Measurements that are too slow for the suite; what they printed is kept in `results`."""

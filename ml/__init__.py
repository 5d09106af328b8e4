"""Lapel's model: a network that reads category, colour, season, gender and usage off a product photo.

Pure PyTorch, usable alone (`python -m ml --help`). Importing this package loads nothing heavy.
"""

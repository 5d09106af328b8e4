"""Geometry of the charts: what stands where, in the units of their `viewBox`. The templates draw it as SVG."""

"""How many photos a worker takes at once: as many as it tags within a moment, so that whoever comes next waits little.

A worker cannot leave a batch that it has begun. On a GPU, or on idle cores, the moment holds the largest batch; where
several workers share the cores, each takes less, and the photo that a person waits for is claimed that much sooner.
Never less than SMALLEST_PHOTOS, though: a batch costs something however little is in it, so a worker that took less the
slower it got would get slower still.
"""

SMALLEST_PHOTOS = 8
SMOOTHING = 0.5


class BatchSize:
    def __init__(self, *, largest: int, seconds: float) -> None:
        self._largest, self._seconds = largest, seconds
        self._photos_per_second = 0.0

    @property
    def limit(self) -> int:
        return min(self._largest, max(SMALLEST_PHOTOS, round(self._photos_per_second * self._seconds)))

    def learn(self, *, photos: int, seconds: float) -> None:
        """From a batch that went well. Small ones, which cost most for each photo, count for less."""
        weight = SMOOTHING * min(1.0, photos / self.limit)
        self._photos_per_second += weight * (photos / max(seconds, 1e-3) - self._photos_per_second)

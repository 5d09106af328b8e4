"""The API under /api/v1/: the services of the pages, for programs."""

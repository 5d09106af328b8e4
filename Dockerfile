# syntax=docker/dockerfile:1
# Two images: `docker build --target web .` is without PyTorch, `docker build --target worker .` with it.
FROM python:3.11-slim-bookworm AS base
ENV PATH=/opt/venv/bin:$PATH \
    PYTHONUNBUFFERED=1 \
    DATA_DIR=/data
RUN groupadd --gid 10001 lapel \
    && useradd --uid 10001 --gid lapel --no-create-home --home-dir /nonexistent --shell /usr/sbin/nologin lapel \
    && install --directory --owner lapel --group lapel --mode 0700 /data
WORKDIR /app

# What both images have. The process may not write there, so it is compiled here.
FROM base AS code
COPY manage.py ./
COPY catalog ./catalog
COPY locale ./locale
COPY onboarding ./onboarding
COPY static ./static
COPY templates ./templates
RUN python -m compileall -q .

# `--build-arg WITH_HEIC=1`: an image that reads HEIC, and has a library under the GPL in it.
FROM base AS web
ARG WITH_HEIC=
COPY requirements-web.txt requirements-heic.txt ./
RUN --mount=type=cache,target=/root/.cache/pip \
    python -m venv --without-pip /opt/venv \
    && pip --python /opt/venv/bin/python install --quiet --requirement requirements-web.txt \
        ${WITH_HEIC:+--requirement requirements-heic.txt}
COPY --from=code /app ./
COPY gunicorn.conf.py ./
RUN pybabel -q compile --directory locale --domain "django djangojs" \
    && python manage.py collectstatic --noinput
USER 10001:10001
VOLUME /data
EXPOSE 8000
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=10s --timeout=5s --start-period=30s --retries=3 \
    CMD ["python", "-c", "from urllib.request import urlopen; urlopen('http://127.0.0.1:8000/readyz', timeout=4)"]
CMD ["python", "-m", "gunicorn", "onboarding.config.wsgi", "--bind", "0.0.0.0:8000"]

# PyTorch's default build: it computes on the CPU, and on a GPU where the host lends one.
FROM base AS worker
COPY requirements.txt ./
RUN --mount=type=cache,target=/root/.cache/pip \
    python -m venv --without-pip /opt/venv \
    && pip --python /opt/venv/bin/python install --quiet --requirement requirements.txt
COPY --from=code /app ./
COPY ml ./ml
RUN python -m compileall -q ml \
    && pybabel -q compile --directory locale --domain "django djangojs"
USER 10001:10001
VOLUME /data
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=15s --timeout=10s --start-period=90s --retries=3 \
    CMD ["python", "-m", "onboarding.heartbeat", "--max-age-seconds", "60"]
CMD ["python", "-m", "celery", "--quiet", "--app", "onboarding.config.celery", "worker", "--pool", "solo", \
    "--loglevel", "INFO", "--without-gossip", "--without-mingle", "--without-heartbeat"]

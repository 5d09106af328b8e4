"""What machines ask: does the process live, is the site ready, how is it doing?

Not in the URL configuration: `Probes` (middleware) answers before anything else, since a probe comes by any host name,
without TLS and without a session. No answer holds anything of a customer's.
"""

from collections.abc import Callable
from dataclasses import asdict

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed, JsonResponse
from django.utils.crypto import constant_time_compare

from onboarding import metrics
from onboarding.monitoring import Readiness, Status, Tagging, check_readiness

Probe = Callable[[HttpRequest], HttpResponse]


def healthz(request: HttpRequest) -> HttpResponse:
    """The process answers. Asks nobody else: a database that is away is no reason to start the process anew."""
    return JsonResponse({"status": Status.OK})


def readyz(request: HttpRequest) -> HttpResponse:
    """200 where pages can be served, else 503; what is amiss stands in the answer."""
    readiness = check_readiness()
    status = readiness.status
    return JsonResponse(_report(readiness), status=503 if status == Status.UNAVAILABLE else 200)


def _report(readiness: Readiness) -> dict[str, object]:
    tagging = readiness.tagging and _tagging(readiness.tagging)
    return {"status": readiness.status, "parts": dict(readiness.parts), "tagging": tagging}


def _tagging(tagging: Tagging) -> dict[str, object]:
    return {
        "waiting": {priority: asdict(waiting) for priority, waiting in tagging.waiting.items()},
        "leased": tagging.leased,
        "failed_last_hour": tagging.failed_last_hour,
        "last_claim_at": tagging.last_claim_at,
        "last_tagged_at": tagging.last_tagged_at,
        "active_model": tagging.active_model and tagging.active_model.name,
    }


def prometheus(request: HttpRequest) -> HttpResponse:
    """Figures in Prometheus' format, for whoever knows METRICS_TOKEN; without one there is no such page."""
    if not _may_see_metrics(request):
        return HttpResponse("Not found.\n", status=404, content_type="text/plain")
    return HttpResponse(metrics.exposition(), content_type=metrics.CONTENT_TYPE)


def _may_see_metrics(request: HttpRequest) -> bool:
    token = settings.METRICS_TOKEN
    sent = request.headers.get("Authorization", "")
    return settings.DEBUG if not token else constant_time_compare(sent, f"Bearer {token}")


def answer(probe: Probe, request: HttpRequest) -> HttpResponse:
    if request.method not in ("GET", "HEAD"):
        return HttpResponseNotAllowed(["GET", "HEAD"])
    response = probe(request)
    response["Cache-Control"] = "no-store"
    return response

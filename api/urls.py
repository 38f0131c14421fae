"""The addresses of the JSON API, and what is true of every one of its answers: one shape of refusal, never cached."""

from collections.abc import Callable
from functools import cache, wraps
from typing import Any

from django.http import HttpRequest, JsonResponse
from django.http.response import HttpResponseBase, HttpResponseNotAllowed
from django.urls import URLPattern, path, re_path
from django.views.decorators.csrf import csrf_exempt
from ninja import NinjaAPI

from api import faults, messages, papers, places, references, referrals
from api.auth import Bearer

View = Callable[..., HttpResponseBase]

api = NinjaAPI(
    title="Dido",
    version="1",
    description="Coordinates stroke thrombectomy across a hub-and-spoke network. Moments are instants in UTC.",
    auth=Bearer(),
    docs_url=None,
    openapi_url=None,
    urls_namespace="api",
)
faults.teach(api)
api.add_router("", papers.router)
api.add_router("", references.router)
api.add_router("", messages.router)  # before the referrals', whose last address takes any verb
api.add_router("", referrals.router)
api.add_router("", places.router)


def kept_nowhere(view: View) -> View:
    """Answers of the API are not cached, and a wrong method is refused in the shape of every other refusal."""

    @wraps(view)
    def answered(request: HttpRequest, *args: Any, **captured: Any) -> HttpResponseBase:
        answer = view(request, *args, **captured)
        if isinstance(answer, HttpResponseNotAllowed):
            allowed = answer["Allow"]
            answer = faults.answer(405, "wrong_method", f"Only {allowed} is possible here.", Allow=allowed)
        answer["Cache-Control"] = "no-store"
        return answer

    return csrf_exempt(answered)


@cache
def _description() -> dict[str, Any]:
    return dict(api.get_openapi_schema(path_prefix="/api/v1/"))


def openapi(request: HttpRequest) -> HttpResponseBase:
    """The OpenAPI document; it tells nothing that needs a token."""
    if request.method not in {"GET", "HEAD"}:
        return HttpResponseNotAllowed(["GET", "HEAD"])
    return JsonResponse(_description())


def nowhere(_request: HttpRequest) -> HttpResponseBase:
    """Any other address."""
    return faults.answer(404, "no_address", "There is nothing at this address. See /api/v1/openapi.json.")


def _endpoints() -> list[URLPattern]:
    declared = [p for p in api.urls[0] if isinstance(p, URLPattern) and p.name != "api-root"]
    return [URLPattern(p.pattern, kept_nowhere(p.callback), p.default_args, p.name) for p in declared]


urlpatterns = [
    path("openapi.json", kept_nowhere(openapi), name="openapi"),
    *_endpoints(),
    re_path(r"", kept_nowhere(nowhere)),
]

"""Dido's addresses, and one whose view waits for the database as a slow report does. A ROOT_URLCONF."""

from django.db import connection
from django.http import HttpRequest, HttpResponse
from django.urls import include, path

WORK = 0.05  # seconds that one statement takes
ADDRESS = "/bench/slow/"


def slow(request: HttpRequest) -> HttpResponse:
    """One statement that takes WORK seconds."""
    with connection.cursor() as cursor:
        cursor.execute("select pg_sleep(%s)", [WORK])
    return HttpResponse("done")


urlpatterns = [path(ADDRESS.lstrip("/"), slow), path("", include("config.urls"))]

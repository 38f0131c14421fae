"""Signing in and out: by password, and in a demonstration as one of the cast with one press.

A wrong name and a wrong password get the same answer. With DEMO off there is no way in without a password.
"""

from dataclasses import dataclass

from django import forms
from django.conf import settings
from django.contrib import auth
from django.contrib.auth import authenticate
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render, resolve_url
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST

from frontend import cast
from network import failures
from network.models import Person

WRONG = "The user name and the password do not belong together. Check both, and try again."

SLOWER = "Too many wrong passwords for this name from here. Wait ten minutes, or sign in from another device."


class SignInForm(forms.Form):
    """A user name and a password, as typed."""

    username = forms.CharField(max_length=60)
    password = forms.CharField(max_length=256, strip=False)


@dataclass(frozen=True)
class Player:
    """One of the cast, as a button."""

    username: str
    name: str
    who: str
    tries: str
    is_me: bool


@sensitive_post_parameters("password")
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def sign_in(request: HttpRequest) -> HttpResponse:
    """The first page: what Dido is, the cast in a demonstration, and the password form."""
    onward = _onward(request)
    if request.method != "POST":
        return _page(request, onward)
    form, now = SignInForm(request.POST), timezone.now()
    username, address = request.POST.get("username", "")[:60], request.META.get("REMOTE_ADDR", "")
    if failures.too_many(username, address, at=now):
        return _page(request, onward, wrong=SLOWER, username=username, status=429)
    person = authenticate(request, **form.cleaned_data) if form.is_valid() else None
    if person is None:
        failures.note(username, address, at=now)
        return _page(request, onward, wrong=WRONG, username=username, status=422)
    auth.login(request, person)
    return redirect(onward or settings.LOGIN_REDIRECT_URL)


@never_cache
@require_POST
def demo(request: HttpRequest) -> HttpResponse:
    """Become one of the cast; there is no such page outside a demonstration."""
    username = request.POST.get("username", "")
    if not settings.DEMO or username not in cast.USERNAMES:
        raise Http404
    person = get_object_or_404(Person, username=username, is_active=True)
    auth.login(request, person)
    return redirect(_onward(request) or settings.LOGIN_REDIRECT_URL)


@require_POST
def sign_out(request: HttpRequest) -> HttpResponse:
    """End the session; its open sockets close."""
    auth.logout(request)
    return redirect(resolve_url(settings.LOGOUT_REDIRECT_URL))


def _onward(request: HttpRequest) -> str:
    """Where the person wanted to go, if that is a page of ours."""
    wanted = request.POST.get("next") or request.GET.get("next") or ""
    ours = url_has_allowed_host_and_scheme(
        wanted, allowed_hosts={request.get_host()}, require_https=request.is_secure()
    )
    return wanted if ours else ""


def _players(request: HttpRequest) -> list[Player]:
    if not settings.DEMO:
        return []
    names = dict(
        Person.objects.filter(username__in=cast.USERNAMES, is_active=True).values_list("username", "name")
    )
    me = request.user.get_username()
    return [
        Player(part.username, names[part.username], part.who, part.tries, part.username == me)
        for part in cast.CAST
        if part.username in names
    ]


def _page(
    request: HttpRequest, onward: str, *, wrong: str = "", username: str = "", status: int = 200
) -> HttpResponse:
    context = {
        "players": _players(request),
        "next": onward,
        "wrong": wrong,
        "username": username,
        "demo": settings.DEMO,
        "phones": settings.DEMO and bool(settings.TWILIO_API_URL and settings.SIMULATOR_PORT),
    }
    return render(request, "frontend/sign_in.html", context, status=status)

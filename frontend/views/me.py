"""Everybody's own page: the phone on which they are paged, a new number and its proof, a test, this browser's push.

Thin: numbers are changed and tests are sent by paging.reaching; a GET changes nothing.
"""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from frontend import my_phone, telephone, visit
from network.models import Person
from network.people import PhoneTaken
from paging import queries, reaching
from paging.reaching import WrongCode

TAKEN = "{} is the number of somebody else here. If it is yours, ring your network’s lead."


@require_safe
@login_required
@never_cache
def phone(request: HttpRequest) -> HttpResponse:
    """My phone."""
    return _page(request)


@require_safe
@login_required
@never_cache
def live(request: HttpRequest) -> HttpResponse:
    """The same page's parts again, while something happens."""
    mine = my_phone.of(visit.person(request), now=timezone.now())
    return render(request, "frontend/_my_phone.html", {"mine": mine})


@require_POST
@login_required
@never_cache
def number(request: HttpRequest) -> HttpResponse:
    """A code goes to the number that was typed; until it comes back, the old number goes on being paged."""
    person, now = visit.person(request), timezone.now()
    typed = request.POST.get("number", "")
    try:
        wanted = telephone.mobile(typed)
    except telephone.NotMobile as fault:
        return _page(request, number=typed, number_fault=str(fault))
    works = person.phone_verified_at is not None and not person.phone_trouble
    if wanted == person.phone and works:
        return _page(request, number=typed, number_fault="This is the number that Dido has for you already.")
    if Person.objects.filter(phone=wanted).exclude(pk=person.pk).exists():
        return _page(request, number=typed, number_fault=TAKEN.format(telephone.shown(wanted)))
    if not reaching.verify(person, wanted, now=now):
        return _page(request, number=typed, number_fault=my_phone.wait(person, now=now))
    return visit.see_other("my-phone")


@require_POST
@login_required
@never_cache
def code(request: HttpRequest) -> HttpResponse:
    """The code that came to the new number was typed."""
    person, now = visit.person(request), timezone.now()
    proof = queries.proof_of(person, now=now)
    if proof is None:
        return _page(request, code_fault="The code is too old. Ask for a new one.")
    typed = "".join(request.POST.get("code", "").split())
    try:
        proved = reaching.confirm(person, typed, now=now)
    except PhoneTaken:
        return _page(request, code_fault=TAKEN.format(telephone.shown(proof.number)))
    except WrongCode:
        return _page(request, code_fault=_wrong(queries.proof_of(person, now=now)))
    messages.success(request, f"From now on you are paged at {telephone.shown(proved)}.")
    return visit.see_other("my-phone")


@require_POST
@login_required
@never_cache
def test(request: HttpRequest) -> HttpResponse:
    """Page myself now."""
    person = visit.person(request)
    if not person.phone:
        return _page(request, test_fault="Dido has no number for you. Type your mobile number first.")
    if not reaching.page_myself(person, now=timezone.now()):
        return _page(request, test_fault="A test is under way already: answer that one.")
    return visit.see_other("my-phone")


def _wrong(proof: queries.Proof | None) -> str:
    left = proof.tries_left if proof else 0
    if not left:
        return "That was one wrong code too many. Ask for a new one."
    return f"This is not the code. Look at the text again: {left} more {'tries' if left > 1 else 'try'}."


def _page(request: HttpRequest, **typed: str) -> HttpResponse:
    """The page, with what was typed and why it was refused."""
    mine = my_phone.of(visit.person(request), now=timezone.now())
    status = 422 if typed else 200
    return render(request, "frontend/my_phone.html", {"mine": mine, **typed}, status=status)

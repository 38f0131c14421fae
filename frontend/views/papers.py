"""Pictures and papers on the web: three steps in, and a viewer out. Served to parties alone, and kept by no cache.

Thin, like every view. A part comes as the bare body of a request, so that nothing is unpacked before it is counted.
"""

import json
import uuid
from collections.abc import Callable
from typing import IO, cast

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from frontend import clocks, visit
from network import digits, permissions
from network.permissions import Rights
from referrals.models import Paper, PaperKind
from referrals.papers import drawing, incoming, intake, opening
from referrals.papers.images import Stack
from referrals.papers.intake import OutOfStep
from referrals.refusals import NotVisible, Refusal

LONGEST_LIST = 16_000  # characters of the list of sizes


def _answered(step: Callable[[], dict[str, object]], status: int = 200) -> HttpResponse:
    try:
        return JsonResponse(step(), status=status)
    except OutOfStep as early:
        return JsonResponse({"message": early.message, "have": early.have}, status=409)
    except Refusal as refusal:
        return JsonResponse({"message": refusal.message}, status=refusal.status)


@require_POST
@login_required
@never_cache
def begin(request: HttpRequest, code: str) -> HttpResponse:
    """Files of these sizes are about to come."""

    def step() -> dict[str, object]:
        upload = intake.begin(
            code, _sizes(request.POST.get("sizes", "")), by=visit.person(request), at=timezone.now()
        )
        return {"upload": str(upload.pk), "part": intake.PART}

    return _answered(step, 201)


def _sizes(said: str) -> list[int]:
    try:
        read = json.loads(said) if len(said) <= LONGEST_LIST else None
    except (ValueError, RecursionError):
        read = None
    return intake.sizes(read)


@require_POST
@login_required
@never_cache
def part(request: HttpRequest, upload: uuid.UUID) -> HttpResponse:
    """The next bytes."""
    offset, length = (
        digits.whole(text, longest=intake.LONGEST_SIZE)
        for text in (request.GET.get("at", ""), request.headers.get("Content-Length", ""))
    )
    if offset is None or length is None:
        return JsonResponse({"message": "Say where this part begins, and how long it is."}, status=411)

    def step() -> dict[str, object]:
        have = intake.part(
            upload,
            cast("IO[bytes]", request),
            offset=offset,
            length=length,
            by=visit.person(request),
        )
        return {"have": have}

    return _answered(step)


@require_POST
@login_required
@never_cache
def finish(request: HttpRequest, upload: uuid.UUID) -> HttpResponse:
    """All has come: it is looked at, and becomes a message."""

    def step() -> dict[str, object]:
        return {"number": intake.finish(upload, by=visit.person(request), clock=timezone.now).number}

    return _answered(step, 201)


@require_POST
@login_required
@never_cache
def drop(request: HttpRequest, upload: uuid.UUID) -> HttpResponse:
    """Its sender thought better of it."""
    try:
        incoming.drop(upload, by=visit.person(request))
    except Refusal as refusal:
        return _away(refusal)
    return HttpResponse(status=204)


def _seen(request: HttpRequest, code: str, number: int) -> tuple[Rights, Paper]:
    rights = permissions.rights(visit.person(request), at=timezone.now())
    return rights, opening.get(rights, code, min(number, 10**9))


@require_safe
@login_required
@never_cache
def view(request: HttpRequest, code: str, number: int) -> HttpResponse:
    """The viewer: a stack under the thumb, or one picture; the page says when it is before somebody's eyes."""
    _, paper = _seen(request, code, number)
    now = timezone.now()
    stack = Stack(**paper.shape) if paper.kind == PaperKind.DICOM else None
    shown = {
        "code": paper.message.referral.code,
        "number": number,
        "paper": paper,
        "stack": stack,
        "windows": drawing.windows(stack) if stack else {},
        "last": stack.frames - 1 if stack else 0,
        "sent": clocks.moment(paper.message.at, now),
        "openings": [
            (one.person.name, str(one.site or "network"), clocks.moment(one.at, now))
            for one in opening.first_openings(paper)
        ],
    }
    return render(request, "frontend/paper.html", shown)


@require_POST
@login_required
@never_cache
def seen(request: HttpRequest, code: str, number: int) -> HttpResponse:
    """It has been drawn before this person's eyes."""
    rights, paper = _seen(request, code, number)
    opening.note(rights, paper, at=timezone.now())
    return HttpResponse(status=204)


@require_safe
@login_required
@never_cache
def frame(request: HttpRequest, code: str, number: int, place: int, window: str) -> HttpResponse:
    """One frame of a stack, drawn."""
    _, paper = _seen(request, code, number)
    try:
        stack, pixels = opening.frame(paper, min(place, 10**9))
    except NotVisible:
        raise
    except Refusal as refusal:
        return _away(refusal)
    return _bytes(drawing.draw(pixels, stack, window), "image/jpeg")


@require_safe
@login_required
@never_cache
def whole(request: HttpRequest, code: str, number: int) -> HttpResponse:
    """A photograph to look at, or a PDF to keep off our pages: it is opened by the reader's own program."""
    _, paper = _seen(request, code, number)
    if paper.kind == PaperKind.DICOM:
        raise Http404
    try:
        content = opening.whole(paper)
    except Refusal as refusal:
        return _away(refusal)
    if paper.kind == PaperKind.PHOTO:
        return _bytes(content, "image/jpeg")
    response = _bytes(content, "application/pdf")
    response["Content-Disposition"] = f'attachment; filename="{paper.message.referral.code}-{number}.pdf"'
    return response


def _away(refusal: Refusal) -> HttpResponse:
    """The store does not answer: nothing is wrong with the picture."""
    headers = {"Retry-After": "2", "Cache-Control": "no-store, private"}
    return HttpResponse(refusal.message, status=refusal.status, content_type="text/plain", headers=headers)


def _bytes(content: bytes, kind: str) -> HttpResponse:
    response = HttpResponse(content, content_type=kind)
    response["Cache-Control"] = "no-store, private"
    response["X-Content-Type-Options"] = "nosniff"
    return response

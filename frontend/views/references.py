"""A reference to the study in PACS or to an AI's result is typed, and becomes a message of the conversation.

Thin, like every view: referrals.conversation.references decides and keeps. What is typed goes by POST, into no address
or log.
"""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods

from frontend import posted, press, reference_sheet, visit
from network import digits, permissions
from referrals import queries
from referrals.conversation import references
from referrals.models import Message, ReferenceKind, Referral, Via
from referrals.refusals import BadInput, Refusal

TITLES = {ReferenceKind.STUDY: "The study in PACS", ReferenceKind.AI: "What an AI says"}


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
@never_cache
@sensitive_post_parameters()
def give(request: HttpRequest, code: str) -> HttpResponse:
    """The forms; posted to, one reference is given, or one of one's own is corrected by it."""
    now = timezone.now()
    rights = permissions.rights(visit.person(request), at=now)
    referral = queries.get(rights, code)
    asked = request.POST if request.method == "POST" else request.GET
    number = digits.whole(asked.get("corrects", ""))
    original = _own(referral, number, rights.person.pk)
    if asked.get("corrects") and original is None:
        raise Http404
    if request.method != "POST":
        return _page(request, referral, original)
    kind = request.POST.get("kind", "")
    said = {name: request.POST.get(name, "") for name in references.LABELS}
    try:
        references.give(
            code,
            kind,
            said,
            corrects=number,
            by=rights.person,
            at=now,
            via=Via.WEB,
            key=posted.key(request.POST),
            rights=rights,
        )
    except Refusal as refusal:
        return _page(request, referral, original, refusal)
    messages.success(request, f"{referral.code}: the reference is kept with the case.")
    return visit.see_other(f"{reverse('case', args=[referral.code])}?full=1#talk")


def _own(referral: Referral, number: int | None, person_id: int) -> Message | None:
    """This person's own reference with this number."""
    if number is None:
        return None
    rows = Message.objects.filter(referral=referral, number=number, by=person_id, reference__isnull=False)
    return rows.select_related("reference").first()


def _page(
    request: HttpRequest, referral: Referral, original: Message | None, refusal: Refusal | None = None
) -> HttpResponse:
    before = reference_sheet.typed(original.reference) if original else {}
    tried = request.POST.get("kind", "")
    forms = [
        (
            kind.value,
            title,
            reference_sheet.form(
                kind,
                request.POST.dict() if kind == tried else before,
                refusal.fields if isinstance(refusal, BadInput) and kind == tried else {},
            ),
        )
        for kind, title in TITLES.items()
        if original is None or kind == original.reference.kind
    ]
    shown = {
        "code": referral.code,
        "forms": forms,
        "original": original,
        "key": press.new_key(),  # what was refused has kept nothing
        "refused": refusal.message if refusal else "",
        "tried": tried,
        "no_diagnosis": references.NO_DIAGNOSIS,
    }
    return render(request, "frontend/reference.html", shown, status=refusal.status if refusal else 200)

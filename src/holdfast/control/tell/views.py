"""Messages on the console: what was said, to how many, and what became of each."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render

from holdfast.control.borders import EVERYONE, allowed
from holdfast.control.tell import mailing
from holdfast.control.tell.models import Bundle, Message, Notice

SHOWN_MAX = 200
STATES = ("created", "sending", "delivered", "temporary", "technical", "permanent", "cancelled")


@allowed(EVERYONE)
def messages(request: HttpRequest) -> HttpResponse:
    """Counts by state, notices, bundles."""
    counts = mailing.counts()
    return render(
        request,
        "tell/messages.html",
        {
            "counts": [(state, counts.get(state, 0)) for state in STATES],
            "notices": Notice.objects.order_by("-made_at")[:SHOWN_MAX],
            "bundles": Bundle.objects.order_by("-number")[:20],
        },
    )


@allowed(EVERYONE)
def notice(request: HttpRequest, notice: int) -> HttpResponse:
    """One notice: its text in each language and its messages."""
    found = get_object_or_404(Notice, pk=notice)
    rows = Message.objects.filter(notice=found).order_by("-needs_first", "id")[:SHOWN_MAX]
    return render(request, "tell/notice.html", {"notice": found, "words": sorted(found.words.items()), "rows": rows})

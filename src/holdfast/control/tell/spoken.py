"""What people composed, as it stands on the banner and the status page."""

from datetime import datetime, timedelta

from django.db.models import Q, QuerySet

from holdfast.control.incidents.models import Incident
from holdfast.control.tell.models import Notice
from holdfast.control.tell.phrases import Phrases
from holdfast.look import Banner

STANDS_FOR = timedelta(hours=12)
SHOWN_FOR = timedelta(days=14)
ENDING = ("incident-restored", "incident-closing", "maintenance-over", "maintenance-cancelled")
PLANNED = ("maintenance-announced", "maintenance-reminder", "maintenance-changed")
"""Of what is to come: that needs no banner yet."""


def composed() -> QuerySet[Notice]:
    """Notices that a person composed and released, the newest first; what was written to named customers alone is for
    them alone."""
    said = Notice.objects.filter(state__in=("writing", "said")).exclude(made_by="")
    return said.exclude(audience__has_key="customers").order_by("-made_at", "-id")


def shown_with(incident: Incident | None, now: datetime) -> QuerySet[Notice]:
    """What the status page shows of it: an incident's own, or what was said beside any of the whole bank."""
    about = Q(incident=incident) if incident else Q(made_at__gt=now - SHOWN_FOR)
    return composed().filter(about)


def since(instant: datetime) -> bool:
    """Whether something was released after this instant."""
    return composed().filter(made_at__gt=instant).exists()


def on_banner(banner: Banner | None, incident: int | None, number: int, book: Phrases, now: datetime) -> Banner | None:
    """The banner with the newest word of a person about this incident; without a banner, one of its own while it
    stands."""
    language = str(book.words["language"])
    newest = composed().filter(made_at__gt=now - STANDS_FOR)
    if banner is not None:
        found = newest.filter(incident=incident).first()
        if found is None or found.name in ENDING:
            return banner
        line = (book.say("term", "latest"), _first(found, language))
        return Banner(banner.number, banner.incident, banner.signal, banner.headline, (*banner.lines, line), language)
    found = newest.exclude(name__in=PLANNED).first()
    if found is None or found.name in ENDING:
        return None
    subject = str(found.words[language]["subject"])
    line = (book.say("term", "latest"), _first(found, language))
    return Banner(number, found.incident_id or 0, "notice", subject, (line,), language)


def _first(notice: Notice, language: str) -> str:
    return str(notice.words[language]["body"]).partition("\n\n")[0]

"""What a report says: put together from what stands in it, and as pages show it."""

from datetime import date
from typing import Any

from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from dialogue.facts.models import Position
from dialogue.feedback.questions import AGREE, ITEMS, Side
from dialogue.moderation.models import Reason
from dialogue.reports.models import Report
from dialogue.reports.queries import themes_of
from dialogue.sessions.forms import RECORD_HELP
from dialogue.sessions.models import RecordLabel
from dialogue.sessions.times import local

TEXTS = {
    "handed_in": gettext_lazy("Texts handed in"),
    "released": gettext_lazy("Texts that came out"),
    "taken_back": gettext_lazy("Texts taken back by those who wrote them"),
    "appealed": gettext_lazy("Texts that somebody else looked at again"),
}


def put_together(report: Report) -> dict[str, Any]:
    """Everything that the report says, as JSON keeps it: plain words, days, and nothing that leads to a text."""
    session = report.dialogue_session
    days = [local(moment, session.time_zone).date() for moment in (session.starts_at, session.ends_at)]
    return {
        "title": session.title,
        "topic": session.topic,
        "from": days[0].isoformat(),
        "to": days[1].isoformat(),
        "label": session.record_label,
        "agencies": sorted(agency.name for agency in session.agencies.all()),
        "intro": report.intro,
        "themes": [_theme(row) for row in themes_of(report, approved=True)],
        "figures": report.figures,
    }


def _theme(row: dict[str, Any]) -> dict[str, Any]:
    quotes = [{name: quote[name] for name in ("words", "side", "is_retold")} for quote in row["quotes"]]
    return {"title": row["theme"].title, "text": row["theme"].text, "quotes": quotes}


def shown(content: dict[str, Any]) -> dict[str, Any]:
    """The same as pages take it: days in words, numbers with their labels."""
    figures = content["figures"]
    return content | {
        "days": in_days(content),
        "label": RECORD_HELP[RecordLabel(content["label"])],
        "numbers": _numbers(figures),
        "heard": [_heard(side, figures["heard"][side]) for side in Side.values if figures["heard"][side]],
        "facts": [_fact(one) for one in figures["facts"]],
        "returned": [{"key": Reason(row["reason"]).label, "value": row["number"]} for row in figures["returned"]],
    }


def in_days(content: dict[str, Any]) -> str:
    """From which day to which the talk was."""
    first, last = (date_format(date.fromisoformat(content[name]), "DATE_FORMAT") for name in ("from", "to"))
    return first if first == last else _("%(first)s to %(last)s") % {"first": first, "last": last}


def _numbers(figures: dict[str, Any]) -> list[dict[str, Any]]:
    rows = [(_("Participants"), figures["present"])]
    rows += [(str(label), figures["texts"][name]) for name, label in TEXTS.items()]
    return [{"key": key, "value": number or _("fewer than 5")} for key, number in rows]


def _heard(side: str, items: list[dict[str, Any]]) -> dict[str, Any]:
    """How far one side felt heard: of how many who answered each sentence was mostly or very much true."""
    texts = {item.key: item.text(side) for item in ITEMS}
    rows = [
        {"label": texts[one["item"]], "value": sum(one["counts"][step] for step in AGREE), "max": one["n"]}
        for one in items
    ]
    words = {
        Side.PARTICIPANTS: _("Most participants found %(some)d of these %(all)d sentences mostly or very true"),
        Side.LISTENERS: _("Most listeners found %(some)d of these %(all)d sentences mostly or very true"),
    }
    by_most = sum(2 * row["value"] > row["max"] for row in rows)
    return {
        "side": Side(side).label,
        "finding": words[Side(side)] % {"some": by_most, "all": len(rows)},
        "rows": [row | {"text": _("%(value)d of %(max)d") % row} for row in rows],
    }


def _fact(fact: dict[str, Any]) -> dict[str, Any]:
    """A fact with where each side stands; the counts are empty while fewer than five participants answered."""
    counts = [(Position(key).label, number) for key, number in fact["participants"].items()]
    return fact | {
        "participants": [{"key": label, "value": number} for label, number in counts],
        "listeners": [one | {"position": Position(one["position"]).label} for one in fact["listeners"]],
    }

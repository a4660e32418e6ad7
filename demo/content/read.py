"""Reads the TOML files beside it. A misspelled or missing field fails at once, by name."""

import tomllib
from pathlib import Path
from typing import Any

from demo.content.entries import (
    AcknowledgmentEntry,
    AgencyEntry,
    CommentEntry,
    Content,
    FactEntry,
    ListenerEntry,
    MessageEntry,
    NewsEntry,
    NoteEntry,
    ObjectionEntry,
    PartnerEntry,
    QuoteEntry,
    ReportEntry,
    ThemeEntry,
    PromiseEntry,
    ProposalEntry,
    ResourceEntry,
    RoundEntry,
    SessionEntry,
    SheetEntry,
    StaffEntry,
    TemplateEntry,
)

FOLDER = Path(__file__).resolve().parent


def _file(name: str) -> dict[str, Any]:
    return tomllib.loads((FOLDER / name).read_text("utf-8"))


def _comments(session: str) -> list[CommentEntry]:
    rows = _file(f"comments/{session}.toml")["comment"]
    return [CommentEntry(**{**row, "text": row["text"].strip("\n")}) for row in rows]


def _promise(row: dict[str, Any]) -> PromiseEntry:
    return PromiseEntry(**{**row, "news": [NewsEntry(**news) for news in row.get("news", [])]})


def _report(row: dict[str, Any]) -> ReportEntry:
    themes = [ThemeEntry(**theme | {"quotes": [QuoteEntry(**one) for one in theme.get("quotes", [])]}) for theme in row["themes"]]
    return ReportEntry(**row | {"themes": themes})


def content() -> Content:
    """Every file, checked for its fields. Raises TypeError or KeyError naming the one that is wrong."""
    people, plan, private = _file("people.toml"), _file("sessions.toml"), _file("private.toml")
    asked = _file("asked.toml")
    return Content(
        agencies=[AgencyEntry(**row) for row in people["agency"]],
        listeners=[ListenerEntry(**row) for row in people["listener"]],
        facilitators=[StaffEntry(**row) for row in people["facilitator"]],
        operator=StaffEntry(**people["operator"]),
        partners=[PartnerEntry(**row) for row in people["partner"]],
        letters=people["participants"]["letters"],
        signs_in=people["signs_in"],
        resources=[ResourceEntry(**row) for row in _file("resources.toml")["resource"]],
        sessions=[SessionEntry(**row) for row in plan["session"]],
        drafts=[SessionEntry(**row) for row in plan["draft"]],
        templates=[TemplateEntry(**row) for row in plan["template"]],
        agendas={row["session"]: [RoundEntry(**entry) for entry in row["rounds"]] for row in plan["agenda"]},
        agreements=plan["texts"]["agreements"].strip(),
        legal_basis=plan["texts"]["legal_basis"].strip(),
        reasons=plan["reasons"],
        acknowledgments=[AcknowledgmentEntry(**row) for row in _file("acknowledgments.toml")["acknowledgment"]],
        comments={row["key"]: _comments(row["key"]) for row in plan["session"] if row.get("round_now")},
        notes=[NoteEntry(**row) for row in _file("notes.toml")["note"]],
        messages=[MessageEntry(**row) for row in private["message"]],
        objections=[ObjectionEntry(**row) for row in private["objection"]],
        promises=[_promise(row) for row in _file("register.toml")["promise"]],
        proposals=[ProposalEntry(**row) for row in _file("proposals.toml")["proposal"]],
        facts=[FactEntry(**row) for row in asked["fact"]],
        sheets=[SheetEntry(**row) for row in asked["sheet"]],
        questions_closed=asked["closed"],
        reports=[_report(row) for row in _file("reports.toml")["report"]],
    )

"""What an entry of each of the TOML files holds."""

from dataclasses import dataclass, field


@dataclass(frozen=True)
class AgencyEntry:
    key: str
    name: str
    kind: str
    domain: str
    area: str
    population: int


@dataclass(frozen=True)
class ListenerEntry:
    key: str
    name: str
    rank: str
    agency: str
    head_of_office: bool
    leads_unit: bool
    email: str
    verified_how: str


@dataclass(frozen=True)
class StaffEntry:
    """A facilitator or an operator."""

    key: str
    name: str
    email: str
    peer: bool = False


@dataclass(frozen=True)
class PartnerEntry:
    key: str
    name: str
    contact: str
    email: str


@dataclass(frozen=True)
class ResourceEntry:
    kind: str
    name: str
    contact: str
    hours: str
    note: str
    verified_days_ago: int


@dataclass(frozen=True)
class SessionEntry:
    """A dialogue session; `starts` and `ends` in days from the moment of loading."""

    key: str
    title: str
    topic: str
    about: str
    agencies: list[str]
    facilitators: list[str]
    listeners: list[str]
    participants: list[str]
    time_zone: str
    format: str
    starts: int
    at: str
    capacity: int
    minimum: int
    record_label: str
    reading_hours: int
    ends: int = 0
    hours: int = 0
    roster_days: int = 3
    round_now: str = ""
    venue: str = "online"
    reasons: dict[str, str] = field(default_factory=dict)  # why it goes on against a scheduling guard, by the guard
    closed: bool = False  # its last round is over
    passes: dict[str, list[str]] = field(default_factory=dict)


@dataclass(frozen=True)
class TemplateEntry:
    """The agenda of a session, kept so that other sessions can start from it."""

    session: str
    name: str
    whom: str


@dataclass(frozen=True)
class RoundEntry:
    key: str
    kind: str
    prompt: str


@dataclass(frozen=True)
class AcknowledgmentEntry:
    session: str
    listener: str
    becomes: str
    past_harm: str
    present_harm: str
    responsibility: str
    apology: str
    plan: str
    scope: str = "personal"
    answers: list[str] = field(default_factory=list)

    @property
    def parts(self) -> dict[str, str]:
        """The five parts by name."""
        names = ("past_harm", "present_harm", "responsibility", "apology", "plan")
        return {name: getattr(self, name).strip() for name in names}


@dataclass(frozen=True)
class CommentEntry:
    """One text and what becomes of it; `by` is a participant's letter or a listener's key.

    `second_note` is what a second facilitator adds who agrees with its return. `proposed` and `why` are other words that wait for the author's answer; `retold` are those the author said yes to.
    """

    key: str
    round: str
    by: str
    becomes: str
    text: str
    answers: str = ""
    batch: int = 0
    reason: str = ""
    note: str = ""
    second_note: str = ""
    waited_hours: int = 0
    proposed: str = ""
    why: str = ""
    retold: str = ""
    wants_retelling: bool = False

    @property
    def shown(self) -> str:
        """The words under which it stands now."""
        return self.retold or self.text


@dataclass(frozen=True)
class NoteEntry:
    by: str
    session: str
    shared_with: str
    text: str
    round: str = ""
    comment: str = ""


@dataclass(frozen=True)
class MessageEntry:
    """What a participant asks or tells the team of a session; without an answer it waits."""

    session: str
    by: str
    kind: str
    text: str
    answer: str = ""


@dataclass(frozen=True)
class ObjectionEntry:
    """An objection to a listener or to an agency."""

    session: str
    by: str
    becomes: str
    reason: str
    listener: str = ""
    agency: str = ""


@dataclass(frozen=True)
class NewsEntry:
    """News of a promise; `day` counts from the moment the demo is loaded."""

    kind: str
    day: int
    text: str
    link: str = ""


@dataclass(frozen=True)
class PromiseEntry:
    """A promise that was adopted in a session, and what participants say of it."""

    key: str
    session: str
    by: str
    level: str
    text: str
    measure: str
    due: int
    adopted: int
    unit: str = ""
    replaces: str = ""
    news: list[NewsEntry] = field(default_factory=list)
    seen: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class ProposalEntry:
    """A promise on its way, and news of it that nobody has read."""

    session: str
    by: str
    becomes: str
    level: str
    due: int
    text: str
    measure: str
    unit: str = ""
    note: str = ""
    news: str = ""
    plan: bool = False


@dataclass(frozen=True)
class FactEntry:
    """A fact with its source, and who stands where on it."""

    session: str
    statement: str
    source: str
    source_url: str = ""
    participants: list[str] = field(default_factory=list)
    listeners: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class SheetEntry:
    """What people of a session answered at its end: eight signs each."""

    session: str
    participants: dict[str, str]
    listeners: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class QuoteEntry:
    """Words of one text: an excerpt of it, or told in other words."""

    text: str
    excerpt: str = ""
    retold: str = ""


@dataclass(frozen=True)
class ThemeEntry:
    """One theme; who answered what when it was asked about, and counted, or when it is still offered."""

    title: str
    text: str
    asked: dict[str, str] = field(default_factory=dict)
    offered: dict[str, str] = field(default_factory=dict)
    quotes: list[QuoteEntry] = field(default_factory=list)


@dataclass(frozen=True)
class ReportEntry:
    session: str
    becomes: str
    themes: list[ThemeEntry]
    intro: str = ""


@dataclass(frozen=True)
class Content:
    """All of the demo, as written in the files."""

    agencies: list[AgencyEntry]
    listeners: list[ListenerEntry]
    facilitators: list[StaffEntry]
    operator: StaffEntry
    partners: list[PartnerEntry]
    letters: list[str]
    signs_in: dict[str, str]
    resources: list[ResourceEntry]
    sessions: list[SessionEntry]
    drafts: list[SessionEntry]  # not announced; they have the agenda that a new session has
    templates: list[TemplateEntry]
    agendas: dict[str, list[RoundEntry]]
    agreements: str
    legal_basis: str
    reasons: dict[str, str]  # for the guards that any session of the demo may meet, by the day on which it is loaded
    acknowledgments: list[AcknowledgmentEntry]
    comments: dict[str, list[CommentEntry]]
    notes: list[NoteEntry]
    messages: list[MessageEntry]
    objections: list[ObjectionEntry]
    promises: list[PromiseEntry]
    proposals: list[ProposalEntry]
    facts: list[FactEntry]
    sheets: list[SheetEntry]
    questions_closed: list[str]
    reports: list[ReportEntry]

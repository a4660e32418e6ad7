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

    `proposed` and `why` are other words that wait for the author's answer; `retold` are those the author said yes to.
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
    agendas: dict[str, list[RoundEntry]]
    agreements: str
    legal_basis: str
    reasons: dict[str, str]  # for the guards that any session of the demo may meet, by the day on which it is loaded
    acknowledgments: list[AcknowledgmentEntry]
    comments: dict[str, list[CommentEntry]]
    notes: list[NoteEntry]
    messages: list[MessageEntry]
    objections: list[ObjectionEntry]

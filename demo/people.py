"""The demo's named people, with passwords and second factors drawn anew for each installation."""

import secrets
from dataclasses import dataclass, field
from datetime import timedelta

from allauth.account.models import EmailAddress
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal.auth import TOTP, generate_totp_secret

from accounts.listeners.actions import register_listener, sign_pledge, verify_listener
from accounts.listeners.actions_agreement import sign_agreement
from accounts.models import Agency, OutreachPartner, Role, User, today
from accounts.team.actions import accept_invitation, invite
from demo.content.entries import Content, ListenerEntry, StaffEntry
from demo.passport import Named

TIME_ZONE = "America/Chicago"
LETTERS = "abcdefghijkmnpqrstuvwxyz23456789"  # none that are mistaken for each other when typed from a screen
SIGNED_AGO, IN_FORCE = timedelta(days=45), timedelta(days=320)


@dataclass
class People:
    """Everybody with a name, by the key that the content files use."""

    users: dict[str, User] = field(default_factory=dict)
    entrances: dict[str, Named] = field(default_factory=dict)
    agencies: dict[str, Agency] = field(default_factory=dict)
    partners: list[OutreachPartner] = field(default_factory=list)

    def let_in(self, key: str, user: User, password: str) -> None:
        """Set up the second factor, so that this account can sign in."""
        secret = generate_totp_secret()
        TOTP.activate(user, secret)
        RecoveryCodes.activate(user)
        self.users[key] = user
        self.entrances[key] = {"email": user.email, "password": password, "totp_secret": secret}


def new_password() -> str:
    """Twenty letters and digits in groups of five: 100 bits."""
    return "-".join("".join(secrets.choice(LETTERS) for _ in range(5)) for _ in range(4))


def bring_people(content: Content) -> People:
    """Everybody with a name, and the help lines that stand on the front page."""
    people = People()
    _agencies(content, people)
    _staff(content.operator, Role.OPERATOR, people, by=None)
    operator = people.users[content.operator.key]
    for entry in content.facilitators:
        _staff(entry, Role.FACILITATOR, people, by=operator)
    for listener in content.listeners:
        _listener(listener, people, by=operator)
    people.partners = [
        OutreachPartner.objects.create(
            name=entry.name, contact_name=entry.contact, email=entry.email, time_zone=TIME_ZONE
        )
        for entry in content.partners
    ]
    return people


def _agencies(content: Content, people: People) -> None:
    for entry in content.agencies:
        people.agencies[entry.key] = Agency.objects.create(
            name=entry.name, kind=entry.kind, area=entry.area, population=entry.population, email_domains=[entry.domain]
        )


def _staff(entry: StaffEntry, role: Role, people: People, *, by: User | None) -> None:
    """Invited, by nobody for the first operator, and taking the invitation up."""
    password = new_password()
    _invitation, token = invite(email=entry.email, name=entry.name, role=role, is_peer=entry.peer, by=by)
    user = accept_invitation(token, name=entry.name, password=password)
    user.time_zone = TIME_ZONE
    user.save(update_fields=["time_zone"])
    people.let_in(entry.key, user, password)


def _listener(entry: ListenerEntry, people: People, *, by: User) -> None:
    password = new_password()
    user = register_listener(
        User(time_zone=TIME_ZONE),
        email=entry.email,
        name=entry.name,
        rank=entry.rank,
        agency=people.agencies[entry.agency],
        password1=password,
    )
    EmailAddress.objects.create(user=user, email=user.email, verified=True, primary=True)
    people.let_in(entry.key, user, password)
    head = entry.head_of_office
    verify_listener(
        user.listener_profile,
        method=entry.verified_how,
        until=today() + IN_FORCE,
        is_head=head,
        leads_unit=entry.leads_unit,
        by=by,
    )
    sign_pledge(user)
    if head:
        signed = sign_agreement(user, title=entry.rank)
        signed.signed_on, signed.expires_on = today() - SIGNED_AGO, today() + IN_FORCE  # no action signs in the past
        signed.save(update_fields=["signed_on", "expires_on"])

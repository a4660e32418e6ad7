"""How facilitators and operators come and go, and how cards are made."""

import secrets
from collections.abc import Iterable
from datetime import timedelta
from uuid import UUID, uuid4

from allauth.account.models import EmailAddress
from django.conf import settings
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts import audit, pickup
from accounts.listeners.queries import agency_owning
from accounts.models import Invitation, InviteCode, OutreachPartner, Role, User
from accounts.participants.keys import code_digest, generate_code
from accounts.team import batches
from accounts.team.policies import may_make_cards, may_run_site
from accounts.team.queries import digest_of
from seeds.languages import active
from seeds.transitions import NotAllowed

GOOD_FOR = timedelta(days=7)
KEPT_FOR = timedelta(days=30)
MOST_CARDS = 50


def _clean_invited(email: str, role: str, *, is_peer: bool) -> str:
    email = email.strip().lower()
    if role not in (Role.FACILITATOR, Role.OPERATOR):
        raise ValidationError({"role": _("Choose facilitator or operator.")})
    if is_peer and role != Role.FACILITATOR:
        raise ValidationError({"is_peer": _("Only a facilitator can be a peer.")})
    if agency_owning(email):
        raise ValidationError(
            {"email": _("This address belongs to an agency. Nobody of an agency can be on the team.")}
        )
    if User.objects.filter(email__iexact=email).exists():
        raise ValidationError({"email": _("Somebody has an account with this address. One person, one role.")})
    return email


@transaction.atomic
def invite(
    *, email: str, name: str, role: str, is_peer: bool, by: User | None, pk: UUID | None = None
) -> tuple[Invitation, str]:
    """Invite a facilitator or operator; returns the invitation and the secret of its link, which is not kept.

    An earlier invitation of the same address stops working. Asked twice with the same `pk`, it is one invitation, and
    the secret is "" the second time. `by` is None only for the first operator, from the server's command line. Raises
    ValidationError by field, NotAllowed for others than operators.
    """
    if by is not None and not may_run_site(by):
        raise NotAllowed(_("Only operators invite."))
    email = _clean_invited(email, role, is_peer=is_peer)
    delete_old_invitations()
    token = secrets.token_urlsafe(32)
    values = {
        "email": email,
        "name": name.strip(),
        "role": role,
        "is_peer": is_peer,
        "digest": digest_of(token),
        "invited_by": by,
        "expires_at": timezone.now() + GOOD_FOR,
    }
    invitation, is_new = Invitation.objects.get_or_create(pk=pk or uuid4(), defaults=values)
    if not is_new:
        if invitation.email != email:
            raise ValidationError(_("This form was used already. Please load the page again."))
        return invitation, ""
    Invitation.objects.filter(email__iexact=email, accepted_at=None).exclude(pk=invitation.pk).delete()
    if by is not None:
        audit.write("invite", by=by, detail=role)
    return invitation, token


def delete_old_invitations() -> int:
    """Delete those that ran out longer ago than KEPT_FOR; how many rows went."""
    return Invitation.objects.filter(expires_at__lt=timezone.now() - KEPT_FOR).delete()[0]


def check_open(invitation: Invitation | None) -> Invitation:
    """The invitation, if it can still be accepted; else NotAllowed that says plainly why not."""
    if invitation is None:
        raise NotAllowed(_("This link does not work. Please check that you have the whole link from the mail."))
    if invitation.accepted_at is not None:
        raise NotAllowed(_("This invitation was used already. If that was you, sign in."))
    if invitation.expires_at <= timezone.now():
        raise NotAllowed(_("This invitation ran out. Ask the person who invited you to send a new one."))
    if agency_owning(invitation.email):
        raise NotAllowed(_("The address invited belongs to an agency by now. Nobody of an agency can be on the team."))
    return invitation


@transaction.atomic
def accept_invitation(token: str, *, name: str, password: str) -> User:
    """Make the invited account, in the language of the page, with the address confirmed: the link came to it by mail.

    Raises NotAllowed for an unknown, used or expired link, ValidationError for a weak password.
    """
    found = Invitation.objects.select_for_update().filter(digest=digest_of(token)).first()
    invitation = check_open(found)
    if User.objects.filter(email__iexact=invitation.email).exists():
        raise NotAllowed(_("Somebody has an account with this address already."))
    validate_password(password, User(email=invitation.email, name=name))
    user = User.objects.create_user(
        invitation.email,
        password,
        name=name.strip(),
        role=invitation.role,
        is_peer=invitation.is_peer,
        time_zone=settings.SITE_TIME_ZONE,
        language=active(),
    )
    EmailAddress.objects.create(user=user, email=user.email, verified=True, primary=True)
    invitation.accepted_at = timezone.now()
    invitation.save(update_fields=["accepted_at"])
    return user


def _set_active(user: User, *, active: bool, by: User, verb: str) -> User:
    if not may_run_site(by):
        raise NotAllowed(_("Only operators close and open accounts."))
    if user.pk == by.pk:
        raise NotAllowed(_("You can’t close your own account. Ask another operator."))
    if User.objects.filter(pk=user.pk, is_active=not active).update(is_active=active) != 1:
        raise NotAllowed(_("Somebody has done this already."))
    user.is_active = active
    audit.write(verb, by=by, detail=user.role)
    return user


@transaction.atomic
def close_account(user: User, *, by: User) -> User:
    """Lock somebody out from the next page on; what they wrote stays. Raises NotAllowed for oneself, and twice."""
    return _set_active(user, active=False, by=by, verb="close_account")


@transaction.atomic
def open_account(user: User, *, by: User) -> User:
    """Let somebody in again. Raises NotAllowed when the account is open."""
    return _set_active(user, active=True, by=by, verb="open_account")


@transaction.atomic
def save_partner(partner: OutreachPartner) -> OutreachPartner:
    """Store a new partner, or a change to one. Raises ValidationError by field when somebody stored one of the same
    name at the same moment."""
    try:
        with transaction.atomic():
            partner.save()
    except IntegrityError as error:
        taken = partner.unique_error_message(OutreachPartner, ("name",))
        raise ValidationError({"name": [taken]}) from error
    return partner


@transaction.atomic
def make_cards(*, partner: OutreachPartner, count: int, by: User) -> list[str]:
    """New card codes for a partner, returned once: only their digests are kept, in an order of their own.

    Raises ValidationError for a count outside 1 to MOST_CARDS, NotAllowed for a partner who is not active.
    """
    if not may_make_cards(by):
        raise NotAllowed(_("Only facilitators and operators make cards."))
    if not partner.is_active:
        raise NotAllowed(_("This partner is not active."))
    if not 1 <= count <= MOST_CARDS:
        raise ValidationError({"count": _("Between 1 and 50 cards.")})
    codes = [generate_code() for _number in range(count)]
    rows = [InviteCode(digest=code_digest(code), partner=partner) for code in codes]
    secrets.SystemRandom().shuffle(rows)
    InviteCode.objects.bulk_create(rows)
    audit.write("make_cards", by=by, detail=str(count))
    return codes


@transaction.atomic
def make_batch(*, pk: UUID, partner: OutreachPartner, count: int, lock: str, by: User) -> None:
    """Make cards whose codes wait for who holds the key of `lock`. Asked twice with the same `pk`, it is one batch.

    Raises as `make_cards` does.
    """
    _lock(partner)
    if pickup.is_there(pk):
        return
    codes = make_cards(partner=partner, count=count, by=by)
    batches.keep(pk, batches.Batch(codes, partner.name), lock=lock)


def _lock(partner: OutreachPartner) -> None:
    """One after the other at the cards of one partner, until the transaction ends."""
    OutreachPartner.objects.select_for_update().get(pk=partner.pk)


def are_good(codes: Iterable[str]) -> bool:
    """Whether all of these, which nobody has in hand yet, still let somebody in."""
    digests = [code_digest(code) for code in codes]
    return InviteCode.objects.filter(digest__in=digests).count() == len(digests)


@transaction.atomic
def void_batch(*, codes: Iterable[str], by: User) -> None:
    """Make the cards with these codes void; how many had been used is neither told nor noted.

    Raises NotAllowed for others than who makes cards.
    """
    if not may_make_cards(by):
        raise NotAllowed(_("Only facilitators and operators make cards."))
    InviteCode.objects.filter(digest__in=[code_digest(code) for code in codes]).delete()
    audit.write("void_cards", by=by)


@transaction.atomic
def void_cards(*, partner: OutreachPartner, seen: int, by: User) -> None:
    """Make all cards of a partner void that nobody has used. `seen`: how many of them who decides knows of.

    Raises NotAllowed for others than who makes cards, when there is none, and when there are more than `seen`.
    """
    if not may_make_cards(by):
        raise NotAllowed(_("Only facilitators and operators make cards."))
    _lock(partner)
    unused = InviteCode.objects.filter(partner=partner)
    number = unused.count()
    if not number:
        raise NotAllowed(_("This partner has no card any more that could be used."))
    if number > seen:
        raise NotAllowed(_("New cards were made for this partner meanwhile. Please look again."))
    unused.delete()
    audit.write("void_cards", by=by)

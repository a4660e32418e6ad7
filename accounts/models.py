"""Who somebody is: named people with an agency or a task, and participants about whom nothing is known."""

import uuid
from datetime import date
from typing import Any, ClassVar

from django.conf import settings
from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.db.models.functions import Lower
from django.utils import timezone
from django.utils.crypto import salted_hmac
from django.utils.translation import gettext_lazy as _

from seeds.datamap import BY_HAND, FOR_GOOD, WITH_CARD, WITH_YOUR_ACCOUNT, Kept, Level
from seeds.models import Row


class Agency(Row):
    """A police department, prosecutor's office or the like."""

    class Kind(models.TextChoices):
        POLICE = "police", _("Police")
        PROSECUTOR = "prosecutor", _("Prosecutor's office")
        OTHER = "other", _("Other law enforcement")

    name = models.CharField(_("name"), max_length=120, unique=True)
    kind = models.CharField(_("kind"), max_length=12, choices=Kind.choices)
    area = models.CharField(_("area"), max_length=120, help_text=_("The city or county it works in."))
    population = models.PositiveIntegerField(_("people living there"), null=True, blank=True)
    email_domains = ArrayField(
        models.CharField(max_length=120),
        verbose_name=_("e-mail domains"),
        help_text=_("What follows the @ in its staff's addresses. Separate several with commas."),
    )

    DATA: ClassVar = (
        Kept("id name kind area population email_domains", Level.PUBLIC, _("each agency"), _("to know it"), FOR_GOOD),
    )

    class Meta:
        ordering = ("name",)
        verbose_name_plural = "agencies"

    def __str__(self) -> str:
        return self.name


class Role(models.TextChoices):
    """The one role of a named account."""

    LISTENER = "listener", _("Listener")
    FACILITATOR = "facilitator", _("Facilitator")
    OPERATOR = "operator", _("Operator")


class UserManager(BaseUserManager["User"]):
    def create_user(self, email: str, password: str | None = None, **fields: Any) -> "User":
        """A named account. Without a password nobody can sign in with it until one is set."""
        user = self.model(email=self.normalize_email(email).lower(), **fields)
        user.set_password(password)
        user.save(using=self._db)
        return user

    def get_by_natural_key(self, username: str | None) -> "User":
        return self.get(email__iexact=username)


class User(AbstractBaseUser):
    """A named account: listener, facilitator or operator. Participants are never rows here."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    email = models.EmailField(_("e-mail address"))
    name = models.CharField(_("name"), max_length=120)
    role = models.CharField(_("role"), max_length=12, choices=Role.choices)
    is_peer = models.BooleanField(_("peer"), default=False, help_text=_("Has lived experience of drug use."))
    agency = models.ForeignKey(Agency, models.PROTECT, null=True, blank=True, verbose_name=_("agency"))
    time_zone = models.CharField(_("time zone"), max_length=64, default="America/New_York")
    language = models.CharField(_("language"), max_length=8, choices=settings.LANGUAGES, default=settings.LANGUAGE_CODE)
    is_active = models.BooleanField(_("active"), default=True)
    joined_on = models.DateField(default=date.today, editable=False)

    USERNAME_FIELD = "email"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = ["name", "role"]
    objects = UserManager()

    DATA: ClassVar = (
        Kept(
            "id role is_active joined_on last_login",
            Level.STAFF,
            _("each account with a name: its task, its first and last day here, and if it is open"),
            _("so that it opens the right pages, and is closed if no one uses it"),
            BY_HAND,
        ),
        Kept(
            "email time_zone language", Level.PERSONAL, _("its e-mail, time zone and language"), _("for mail"), BY_HAND
        ),
        Kept(
            "name is_peer agency",
            Level.PUBLIC,
            _("name, agency, who is a peer"),
            _("power has to show its name"),
            BY_HAND,
        ),
        Kept("password", Level.SECRET, _("a mark made of the password"), _("to sign in with it"), BY_HAND),
    )

    class Meta:
        constraints = (
            models.UniqueConstraint(Lower("email"), name="user_email_unique", violation_error_message=_("taken")),
            models.CheckConstraint(condition=Q(role__in=Role.values), name="user_role_known"),
            models.CheckConstraint(
                # A facilitator or an operator is never a member of an agency; a listener always is.
                condition=Q(role=Role.LISTENER, agency__isnull=False) | (~Q(role=Role.LISTENER) & Q(agency=None)),
                name="user_agency_for_listeners_only",
            ),
            models.CheckConstraint(
                condition=Q(is_peer=False) | Q(role=Role.FACILITATOR), name="user_peer_is_facilitator"
            ),
        )

    def __str__(self) -> str:
        return self.name

    @property
    def is_staff(self) -> bool:
        """Whether Django's admin opens for this account."""
        return self.role == Role.OPERATOR

    def has_perm(self, perm: str, obj: object = None) -> bool:
        return self.is_active and self.is_staff

    def has_perms(self, perms: list[str], obj: object = None) -> bool:
        return self.is_active and self.is_staff

    def has_module_perms(self, app_label: str) -> bool:
        return self.is_active and self.is_staff


class AgencyAgreement(Row):
    """What a head of office signed: the agency uses nothing said here against those who took part."""

    agency = models.ForeignKey(Agency, models.PROTECT, related_name="agreements")
    text = models.TextField(_("text"))
    version = models.CharField(max_length=10, blank=True)  # of the text; promise.VERSION
    signed_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+", editable=False)
    signed_by_name = models.CharField(_("signed by"), max_length=120)
    signed_by_title = models.CharField(_("title of the signer"), max_length=120)
    signed_on = models.DateField(_("signed on"))
    expires_on = models.DateField(_("in force until"))
    withdrawn_on = models.DateField(_("withdrawn on"), null=True, blank=True)

    DATA: ClassVar = (
        Kept(
            "id agency text version signed_by signed_by_name signed_by_title signed_on expires_on withdrawn_on",
            Level.PUBLIC,
            _("what the head of each agency signed, with name and dates"),
            _("a pledge that all can see is harder to break"),
            FOR_GOOD,
        ),
    )

    class Meta:
        constraints = (
            models.CheckConstraint(
                condition=Q(expires_on__gt=models.F("signed_on")), name="agreement_expires_after_signing"
            ),
        )

    def __str__(self) -> str:
        return f"{self.agency}, {self.signed_on}"

    @property
    def language(self) -> str:
        """In which its text was signed: the version names every other than English."""
        return self.version.partition("-")[2].partition("-")[2] or settings.LANGUAGE_CODE


class ListenerProfile(Row):
    """What a listener adds to the account, and who made sure that it is true."""

    class Method(models.TextChoices):
        CALL_BACK = "call_back", _("Called back through the agency's published number")
        IN_PERSON = "in_person", _("Seen in person with agency identification")
        LETTER = "letter", _("Letter from the head of office")

    user = models.OneToOneField(User, models.CASCADE, related_name="listener_profile")
    rank = models.CharField(_("rank or title"), max_length=80)
    is_head = models.BooleanField(_("head of the office"), default=False)  # said by who verified; signs for the agency
    leads_unit = models.BooleanField(_("leads a unit"), default=False)  # so too; adopts commitments of the unit
    shows_name = models.BooleanField(_("show my name to the public"), default=False)  # a head's name is always shown
    verified_by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+")
    verified_on = models.DateField(null=True, blank=True)
    verified_until = models.DateField(null=True, blank=True)
    verification_method = models.CharField(max_length=12, choices=Method.choices, blank=True)

    DATA: ClassVar = (
        Kept("id user rank is_head leads_unit shows_name", Level.SESSION, _("the rank"), _("power must show"), BY_HAND),
        Kept(
            "verified_by verified_on verified_until verification_method",
            Level.STAFF,
            _("who checked that a listener is real, how, and on which day"),
            _("so that no one listens under a false name"),
            BY_HAND,
        ),
    )

    class Meta:
        constraints = (
            models.CheckConstraint(
                condition=Q(verified_by=None, verified_on=None, verified_until=None, verification_method="")
                | (
                    Q(verified_by__isnull=False, verified_on__isnull=False)
                    & Q(verified_until__gt=models.F("verified_on"))
                    & ~Q(verification_method="")
                ),
                name="listener_verified_whole_or_not",
            ),
            models.CheckConstraint(
                condition=Q(is_head=False, leads_unit=False) | Q(verified_by__isnull=False),
                name="listener_head_is_verified",
            ),
        )

    def __str__(self) -> str:
        return f"{self.rank} {self.user.name}"


class Pledge(Row):
    """A listener's own promise not to use what is said here. It is not immunity."""

    user = models.ForeignKey(User, models.CASCADE, related_name="pledges")
    text = models.TextField()
    version = models.CharField(max_length=10, blank=True)
    signed_on = models.DateField(default=date.today)
    expires_on = models.DateField()
    withdrawn_on = models.DateField(null=True, blank=True)

    DATA: ClassVar = (
        Kept(
            "id user text version signed_on expires_on withdrawn_on",
            Level.SESSION,
            _("each listener’s own pledge, with its dates"),
            _("without it they can’t listen"),
            BY_HAND,
        ),
    )

    class Meta:
        constraints = (
            models.CheckConstraint(
                condition=Q(expires_on__gt=models.F("signed_on")), name="pledge_expires_after_signing"
            ),
        )

    def __str__(self) -> str:
        return f"{self.user}, {self.signed_on}"


class Invitation(Row):
    """One person asked by an operator to become a facilitator or an operator. The link's secret is kept as a hash."""

    email = models.EmailField(_("e-mail address"))
    name = models.CharField(_("name"), max_length=120)
    role = models.CharField(_("role"), max_length=12, choices=Role.choices)
    is_peer = models.BooleanField(_("peer"), default=False)
    digest = models.BinaryField(max_length=32, unique=True)
    # Empty for the first operator, who is invited from the server's command line.
    invited_by = models.ForeignKey(User, models.CASCADE, null=True, related_name="+")
    expires_at = models.DateTimeField()
    accepted_at = models.DateTimeField(null=True, blank=True)

    DATA: ClassVar = (
        Kept(
            "id email name role is_peer invited_by expires_at accepted_at",
            Level.STAFF,
            _("who was asked to join our team, by whom, and until when"),
            _("no one gets on the team without being asked"),
            _("30 days after it ran out"),
        ),
        Kept(
            "digest",
            Level.SECRET,
            _("a mark of the link in that mail"),
            _("it works once"),
            _("30 days after it ran out"),
        ),
    )

    class Meta:
        constraints = (
            models.CheckConstraint(
                condition=Q(role__in=(Role.FACILITATOR, Role.OPERATOR)), name="invitation_not_for_listeners"
            ),
        )

    def __str__(self) -> str:
        return self.email


class OutreachPartner(Row):
    """Who hands out the cards, and hears of dates on behalf of people who can't be reached."""

    name = models.CharField(_("name"), max_length=120, unique=True)
    contact_name = models.CharField(_("contact person"), max_length=120)
    email = models.EmailField(_("e-mail address"))
    time_zone = models.CharField(_("time zone"), max_length=64, default="America/New_York")
    language = models.CharField(_("language"), max_length=8, choices=settings.LANGUAGES, default=settings.LANGUAGE_CODE)
    is_active = models.BooleanField(_("active"), default=True)

    DATA: ClassVar = (
        Kept("id name is_active", Level.STAFF, _("groups with cards to give"), _("to count cards"), BY_HAND),
        Kept(
            "contact_name email time_zone language", Level.PERSONAL, _("whom we mail"), _("to tell of dates"), BY_HAND
        ),
    )

    class Meta:
        ordering = ("name",)

    def __str__(self) -> str:
        return self.name


def zero_epoch() -> bytes:
    return bytes(16)


class Participant(models.Model):
    """Somebody who holds seven words. Nothing else is known: no name, no contact, no date, no counter.

    Not AUTH_USER_MODEL, so Django refuses a participant in any foreign key to a named account.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    lookup = models.BinaryField(max_length=32, unique=True)
    wrapped = models.BinaryField(max_length=60)
    epoch = models.BinaryField(max_length=16, default=zero_epoch)

    role = "participant"
    is_authenticated = True
    is_anonymous = False
    is_active = True
    is_staff = False
    #: From which the names in sessions are computed. Lives in the encrypted web session only; set on each request.
    alias_key: bytes = b""

    DATA: ClassVar = (
        Kept(
            "lookup",
            Level.SECRET,
            _("a mark made of your seven words"),
            _("it lets you in. It can’t be turned back into the words"),
            WITH_YOUR_ACCOUNT,
        ),
        Kept(
            "wrapped",
            Level.SECRET,
            _("your own key, locked with your seven words"),
            _("from it comes your name in each talk. Only your words open it"),
            WITH_YOUR_ACCOUNT,
        ),
        Kept(
            "id epoch",
            Level.SECRET,
            _("two random numbers, and the year in which you last signed in"),
            _(
                "one number marks your account. When the other one changes, you are signed out on each phone."
                " By the year we see which accounts nobody uses"
            ),
            WITH_YOUR_ACCOUNT,
        ),
    )

    def __str__(self) -> str:
        return "participant"

    def get_session_auth_hash(self) -> str:
        """Changes with the epoch, which ends every web session of this participant."""
        return salted_hmac(
            "accounts.Participant", bytes(self.lookup) + bytes(self.epoch), algorithm="sha256"
        ).hexdigest()

    def get_session_auth_fallback_hash(self) -> tuple[str, ...]:
        return ()

    def has_perm(self, perm: str, obj: object = None) -> bool:
        return False

    def has_perms(self, perms: list[str], obj: object = None) -> bool:
        return False

    def has_module_perms(self, app_label: str) -> bool:
        return False


class InviteCode(models.Model):
    """An unused card. Redeeming deletes it: a used code and an unknown one can't be told apart."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    digest = models.BinaryField(max_length=32, unique=True)
    partner = models.ForeignKey(OutreachPartner, models.CASCADE, related_name="unused_codes")

    DATA: ClassVar = (
        Kept("id digest", Level.SECRET, _("a mark for each unused card"), _("the card works once"), WITH_CARD),
        Kept("partner", Level.STAFF, _("which group got that card"), _("to know how many are left"), WITH_CARD),
    )

    def __str__(self) -> str:
        return "unused card"


def today() -> date:
    """Today in UTC, the one clock by which promises run out."""
    return timezone.now().date()

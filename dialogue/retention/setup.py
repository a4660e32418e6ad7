"""What has to be set on the server before the first talk."""

from django.conf import settings
from django.urls import reverse
from django.utils.translation import gettext as _

from accounts.listeners.steps import Step
from dialogue.retention.models import Upkeep
from dialogue.sessions.models import DialogueSession
from seeds.site_settings import wrong_ones


def server_steps() -> list[Step]:
    """From the settings; and whether a backup was written. One query."""
    look, see = reverse("retention:site_settings"), _("See the settings")
    backed_up = bool(settings.BACKUP_RECIPIENT) and Upkeep.objects.filter(kind=Upkeep.Kind.BACKUP).exists()
    return [
        Step(
            _("Who runs this site"),
            _("Who pays, who hosts it, how to reach you: people read it before they take part."),
            not wrong_ones("SITE_OPERATOR", "SITE_FUNDING", "SITE_HOSTING", "SITE_CONTACT"),
            look,
            see,
        ),
        Step(
            _("Addresses and secrets of your own"),
            _("The site’s address, the encrypted line, and keys that nobody else knows."),
            not wrong_ones(
                "SITE_URL", "TLS", "ALLOWED_HOSTS", "SECRET_KEY", "SITE_SALT", "FIELD_KEYS", "DEMO", "DEBUG"
            ),
            look,
            see,
        ),
        Step(
            _("Where Exit leads"),
            _("A page that raises no questions. Press Exit once on each kind of phone that you have."),
            not wrong_ones("EXIT_URL"),
            look,
            see,
        ),
        Step(
            _("Mail"),
            _("Invitations and reminders go out by mail."),
            not wrong_ones("EMAIL_HOST", "EMAIL_USE_TLS", "EMAIL_HOST_PASSWORD", "MAIL_FROM"),
            reverse("retention:health"),
            _("See if the mail server answers"),
        ),
        Step(
            _("The first backup"),
            _("Encrypted with a key that this server does not have."),
            backed_up,
            reverse("retention:health"),
            _("See if one was written"),
        ),
        Step(
            _("A copy of the keys in other hands"),
            _("Backups without keys can’t be read; keys without backups neither. Keep them apart."),
            not wrong_ones("KEY_BACKUP_RECIPIENT"),
            look,
            see,
        ),
    ]


def law_steps() -> list[Step]:
    """One query."""
    return [
        Step(
            _("The legal basis"),
            _("By which law you keep what you keep. Facilitators write it into each talk; ask a lawyer first."),
            DialogueSession.objects.exclude(legal_basis="").exists(),
            why_not=_("It is done with the first talk that has it."),
        )
    ]

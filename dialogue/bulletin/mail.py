"""The bulletin as a mail to one partner: plain words, and the page to print."""

from email.utils import parseaddr
from uuid import UUID, uuid5

from django.conf import settings
from django.core.mail import EmailMessage
from django.template.loader import render_to_string
from django.utils import translation
from django.utils.translation import gettext as _

from accounts.models import OutreachPartner
from accounts.team.cards import Paper
from dialogue.bulletin.paper import on_paper
from dialogue.bulletin.queries import bulletin


def message_id(mailing: UUID, partner: OutreachPartner) -> str:
    """The same for every try: a mail program that gets a mail twice knows it for the same one."""
    domain = parseaddr(settings.DEFAULT_FROM_EMAIL)[1].rpartition("@")[2]
    return f"<{uuid5(mailing, partner.pk.hex).hex}@{domain}>"


def written(partner: OutreachPartner, area: str, mailing: UUID) -> EmailMessage:
    """The mail, in the partner's language."""
    with translation.override(partner.language):
        told = bulletin(area)
        context = {
            "name": partner.contact_name,
            "told": told,
            "site": {"operator": settings.SITE_OPERATOR, "contact": settings.SITE_CONTACT},
        }
        mail = EmailMessage(
            subject=_("Talks to come"),
            body=render_to_string("mail/bulletin/bulletin.txt", context),
            to=[partner.email],
            headers={"Message-ID": message_id(mailing, partner), "Auto-Submitted": "auto-generated"},
        )
        mail.attach("bulletin.pdf", on_paper(told, paper=Paper.LETTER), "application/pdf")
    return mail

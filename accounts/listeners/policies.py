"""Which address belongs to which agency, who may vouch for a listener, and who signs for an agency."""

from accounts.models import Agency, AgencyAgreement, Role, User
from accounts.policies import is_verified


def domain_of(email: str) -> str:
    """What follows the @, in lower case."""
    return email.rpartition("@")[2].strip().lower().rstrip(".")


def address_belongs(email: str, agency: Agency) -> bool:
    """Whether this is an address at one of the agency's domains or below it (a.b.example counts for b.example)."""
    domain = domain_of(email)
    owned = (each.strip().lower().lstrip("@").strip(".") for each in agency.email_domains)
    return any(domain == each or domain.endswith(f".{each}") for each in owned if each)


def may_vouch(user: User) -> bool:
    """Whether this person may say who a listener is."""
    return user.is_active and user.role in (Role.FACILITATOR, Role.OPERATOR)


def may_sign_for(user: User) -> bool:
    """Whether this is the head of his agency's office, checked, and the check has not run out."""
    return user.is_active and user.role == Role.LISTENER and is_verified(user) and user.listener_profile.is_head


def may_withdraw(user: User, agreement: AgencyAgreement) -> bool:
    """Whether this person may end the agreement: the agency's head, or an operator."""
    is_operator = user.is_active and user.role == Role.OPERATOR
    return is_operator or (may_sign_for(user) and user.agency_id == agreement.agency_id)

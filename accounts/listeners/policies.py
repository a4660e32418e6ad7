"""Which address belongs to which agency, and who may vouch for a listener."""

from accounts.models import Agency, Role, User


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

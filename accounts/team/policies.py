"""Who may invite, close accounts and make cards."""

from accounts.models import Role, User


def may_run_site(user: User) -> bool:
    """Whether this is an operator: invites, closes accounts, keeps agencies and agreements."""
    return user.is_active and user.role == Role.OPERATOR


def may_make_cards(user: User) -> bool:
    """Whether this person may make cards for an outreach partner."""
    return user.is_active and user.role in (Role.FACILITATOR, Role.OPERATOR)

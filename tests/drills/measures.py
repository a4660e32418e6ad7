"""What protects people at rest, each to be taken away alone: a drill on weaker ground has to find what is missing."""

from dataclasses import asdict, dataclass


@dataclass(frozen=True)
class Measures:
    """All on is the site as shipped. One that is off is what the parts do by themselves, without our settings."""

    scrub: bool = True  # the clean-up of what the database remembers
    plain_storage: bool = True  # no side tables of PostgreSQL, whose ids keep the order of writing
    postgres_settings: bool = True  # what PostgreSQL logs, and what becomes of its old journals
    redis_settings: bool = True  # Redis writes no file
    split_session: bool = True  # the store of web sessions opens with the cookie only
    quiet_logs: bool = True  # nothing personal in logs, no access log, no error mail
    address_bucket: bool = True  # the sign-in library sees no address
    no_store: bool = True  # browsers keep no page

    @property
    def off(self) -> list[str]:
        """The names of those taken away."""
        return [name for name, on in asdict(self).items() if not on]


SHIPPED = Measures()
DEFAULTS = Measures(**dict.fromkeys(asdict(SHIPPED), False))

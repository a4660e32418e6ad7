"""Argon2id at a cost that a small server can bear."""

from django.contrib.auth.hashers import Argon2PasswordHasher


class Argon2(Argon2PasswordHasher):
    """OWASP's minimum (2024). Django's default takes 100 MiB and eight lanes a check."""

    time_cost = 2
    memory_cost = 19_456
    parallelism = 1

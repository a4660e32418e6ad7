from django.contrib.auth.backends import BaseBackend


class PassphraseBackend(BaseBackend):
    pass

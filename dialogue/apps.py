from django.apps import AppConfig
from django.core.checks import register


class DialogueConfig(AppConfig):
    name = "dialogue"

    def ready(self) -> None:
        from dialogue.retention.checks import check_postgres  # noqa: PLC0415 - models load after the apps

        register(check_postgres, "retention", deploy=True)

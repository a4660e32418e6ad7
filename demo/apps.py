"""The demo as a Django app; installed only when settings.DEMO is true."""

from django.apps import AppConfig


class DemoConfig(AppConfig):
    name = "demo"
    label = "demo"

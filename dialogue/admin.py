"""The operator's record of crisis lines and local help. Nothing else of dialogue/ is here."""

from django.contrib import admin

from dialogue.resources.models import Resource


@admin.register(Resource)
class ResourceAdmin(admin.ModelAdmin):
    list_display = ("name", "contact", "hours", "order", "verified_on")
    list_editable = ("order",)

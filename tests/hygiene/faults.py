"""A page and a task that fail as carelessly as code of others may: with everything in the exception's message."""

import logging

from celery import shared_task
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.urls import path
from django.views.decorators.csrf import csrf_exempt

from seeds.urls import urlpatterns as pages


@login_not_required
@csrf_exempt
def fault(request: HttpRequest) -> HttpResponse:
    """Says it to the log as well, as libraries do."""
    told = f"{request.META} {request.POST}"
    logging.getLogger("some.library").error("could not serve %s", told)
    raise ValueError(told, request.headers)


@shared_task(name="tests.fault")
def fault_of_task(told: str) -> None:
    raise ValueError(told)


urlpatterns = [path("fault/", fault), *pages]

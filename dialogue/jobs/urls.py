"""Addresses of the own long work."""

from django.urls import path

from dialogue.jobs import views

app_name = "jobs"
urlpatterns = [
    path("work/", views.jobs, name="list"),
    path("work/<uuid:pk>/", views.job, name="job"),
    path("work/<uuid:pk>/file/", views.file, name="file"),
    path("work/<uuid:pk>/stop/", views.stop, name="stop"),
    path("work/<uuid:pk>/again/", views.try_again, name="try_again"),
    path("work/<uuid:pk>/delete/", views.let_go, name="let_go"),
]

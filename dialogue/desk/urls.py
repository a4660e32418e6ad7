from django.urls import path

from dialogue.desk import views

app_name = "desk"
urlpatterns = [
    path("desk/", views.home, name="home"),
    path("desk/sessions/", views.sessions, name="sessions"),
    path("desk/help-lines/", views.resources, name="resources"),
    path("desk/help-lines/<uuid:pk>/", views.resource_check, name="resource_check"),
]

from django.urls import path

from dialogue.desk import views, views_calendar, views_run

app_name = "desk"
urlpatterns = [
    path("desk/", views.home, name="home"),
    path("desk/sessions/", views.sessions, name="sessions"),
    path("desk/calendar/", views_calendar.month, name="calendar"),
    path("desk/calendar.ics", views_calendar.calendar_file, name="calendar_file"),
    path("desk/sessions/<uuid:pk>/timeline/", views_run.timeline, name="timeline"),
    path("desk/sessions/<uuid:pk>/run/", views_run.run, name="run"),
]

"""Addresses of reports."""

from django.urls import path

from dialogue.reports import views, views_team

app_name = "reports"
urlpatterns = [
    path("reports/", views.report_list, name="list"),
    path("reports/<uuid:pk>/", views.detail, name="detail"),
    path("sessions/<uuid:pk>/report/", views.preview, name="preview"),
    path("sessions/<uuid:pk>/themes/", views.themes, name="themes"),
    path("my/themes/<uuid:pk>/answer/", views.answer, name="answer"),
    path("desk/sessions/<uuid:pk>/report/", views_team.write, name="write"),
    path("desk/sessions/<uuid:pk>/report/intro/", views_team.intro, name="intro"),
    path("desk/sessions/<uuid:pk>/report/show/", views_team.start_preview, name="start_preview"),
    path("desk/sessions/<uuid:pk>/report/change/", views_team.take_back, name="take_back"),
    path("desk/sessions/<uuid:pk>/report/publish/", views_team.publish, name="publish"),
    path("desk/sessions/<uuid:pk>/report/themes/add/", views_team.theme_add, name="theme_add"),
    path("desk/themes/<uuid:pk>/", views_team.theme_edit, name="theme_edit"),
    path("desk/themes/<uuid:pk>/delete/", views_team.theme_delete, name="theme_delete"),
    path("desk/themes/<uuid:pk>/up/", views_team.theme_raise, name="theme_raise"),
    path("desk/themes/<uuid:pk>/ask/", views_team.theme_offer, name="theme_offer"),
    path("desk/themes/<uuid:pk>/count/", views_team.theme_count, name="theme_count"),
    path("desk/themes/<uuid:pk>/change/", views_team.theme_take_back, name="theme_take_back"),
    path("desk/themes/<uuid:pk>/quotes/", views_team.quotable, name="quotable"),
    path("desk/themes/<uuid:pk>/quotes/<uuid:text>/", views_team.quote_add, name="quote_add"),
    path("desk/quotes/<uuid:pk>/remove/", views_team.quote_remove, name="quote_remove"),
]

"""Addresses of the public pages."""

from django.urls import path

from dialogue.welcome import views

app_name = "welcome"
urlpatterns = [
    path("", views.home, name="home"),
    path("how-it-works/", views.how, name="how"),
    path("what-police-see/", views.police, name="police"),
    path("our-promises/", views.promises, name="promises"),
    path("what-we-keep/", views.kept, name="kept"),
    path("what-we-keep/others/", views.kept_of_others, name="kept_of_others"),
    path("look-out-for-yourself/", views.safety, name="safety"),
    path("leaving/", views.leaving, name="leaving"),
    path("how-to-listen/", views.listening, name="listening"),
    path("about/", views.about, name="about"),
    path("components/", views.components, name="components"),
]

from django.urls import URLPattern

app_name = "acknowledgments"
urlpatterns: list[URLPattern] = []

from django.urls import path

from coopetir.website import views

app_name = "website"

urlpatterns = [
    path("", views.home, name="home"),
    path("familias.<str:kind>", views.board_download, name="board_download"),
    path("ayuda/", views.help_page, name="help"),
]

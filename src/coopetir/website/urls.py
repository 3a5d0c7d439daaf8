from django.urls import path

from coopetir.website import views

app_name = "website"

urlpatterns = [
    path("", views.home, name="home"),
    path("familias.<str:kind>", views.board_download, name="board_download"),
    path("ayuda/", views.help_page, name="help"),
    path("metodo/", views.method_page, name="method"),
    path("metodo/metodo.toml", views.method_download, name="method_download"),
    path("datos/", views.about_data, name="about_data"),
    path("accesibilidad/", views.accessibility, name="accessibility"),
    path("mapa-del-sitio/", views.sitemap, name="sitemap"),
    path("buscar/", views.search_page, name="search"),
]

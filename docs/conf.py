"""How the documentation is built: warnings are errors."""

from coopetir import __version__

project = "Coopetir"
release = __version__
extensions = ["myst_parser", "sphinx.ext.autodoc", "sphinx.ext.napoleon", "sphinx.ext.viewcode"]
source_suffix = {".md": "markdown"}
myst_enable_extensions = ["dollarmath", "amsmath", "deflist", "colon_fence"]
myst_heading_anchors = 4
exclude_patterns = ["_build"]
html_theme = "furo"
html_title = "Coopetir"
html_show_copyright = False
html_static_path = ["_static"]
html_css_files = ["docs.css"]
language = "en"
nitpicky = False

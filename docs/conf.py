"""The documentation site: Sphinx reads the pages of this folder as they are."""

project = "SignalEngine"
author = "The SignalEngine authors"
project_copyright = author
extensions = ["myst_parser"]
exclude_patterns = ["_build", "Thumbs.db"]

html_theme = "furo"
html_title = "SignalEngine"
html_static_path = ["_static"]
html_css_files = ["site.css"]
html_show_sphinx = False
html_copy_source = False
html_show_sourcelink = False

myst_heading_anchors = 4  # links to headings work as they do in the repository
nitpicky = True
suppress_warnings = [
    "myst.header",  # a page may begin below its first level, as the changelog does
]

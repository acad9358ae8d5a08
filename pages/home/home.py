from components import frame
from components.views.home.page import page as home

frame.page("Winnow", home.view, needs_data=False)

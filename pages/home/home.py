from components import frame
from components.views.home.page import page

frame.page("Winnow", page.view, needs_data=False)

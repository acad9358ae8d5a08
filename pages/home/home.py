from components import frame
from components.views.home import page

frame.page("Winnow", page.view, needs_data=False)

from components import frame
from components.views.load.page import page

frame.page("What shall we look at?", page.view, needs_data=False)

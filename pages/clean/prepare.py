from components import frame
from components.views.prepare import page

frame.page("What is done, and what is still to do?", page.view, needs_data=True)

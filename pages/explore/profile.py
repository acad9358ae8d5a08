from components import frame
from components.views.profile import page

frame.page("What is in it, and what needs attention?", page.view, needs_data=True)

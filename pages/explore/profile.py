from components import frame
from components.views import profile

frame.page("What is in it, and what needs attention?", profile.view, needs_data=True)

from components import frame
from components.views.profile.page import page as profile

frame.page("What is in it, and what needs attention?", profile.view, needs_data=True)

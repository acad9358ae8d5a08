from components import frame
from components.views import home

frame.page("Winnow", home.view, needs_data=False)

from components import frame
from components.views import load

frame.page("What shall we look at?", load.view, needs_data=False)

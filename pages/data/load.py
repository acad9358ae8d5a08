from components import frame
from components.views.load.page import page as load

frame.page("What shall we look at?", load.view, needs_data=False)

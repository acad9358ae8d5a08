from components import frame
from components.views.load import page

frame.page("What shall we look at?", page.view, needs_data=False)

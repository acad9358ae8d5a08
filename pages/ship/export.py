from components import frame
from components.views.export.page import page

frame.page("Take it home", page.view, needs_data=True)

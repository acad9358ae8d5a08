from components import frame
from components.views.export import page

frame.page("Export", page.view, needs_data=True)

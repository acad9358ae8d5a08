from components import frame
from components.views.guide import page

frame.page("Guide", page.view, needs_data=False)

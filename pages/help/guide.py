from components import frame
from components.views.guide.page import page

frame.page("Guide", page.view, needs_data=False)

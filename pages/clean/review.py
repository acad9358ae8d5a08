from components import frame
from components.views.review import page

frame.page("Decide", page.view, needs_data=True)

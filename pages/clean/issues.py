from components import frame
from components.views.issues import page

frame.page("Which rows are wrong?", page.view, needs_data=True)

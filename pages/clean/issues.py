from components import frame
from components.views.issues.page import page

frame.page("Which rows are wrong?", page.view, needs_data=True)

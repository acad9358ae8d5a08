from components import frame
from components.views.issues.page import page as issues

frame.page("Which rows are wrong?", issues.view, needs_data=True)

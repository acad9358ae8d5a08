from components import frame
from components.views.coreset import page

frame.page("How few rows stand for all of them?", page.view, needs_data=True)

from components import frame
from components.views.guide.page import page as guide

frame.page("Guide", guide.view, needs_data=False)

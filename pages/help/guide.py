from components import frame
from components.views import guide

frame.page("Guide", guide.view, needs_data=False)

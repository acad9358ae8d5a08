from components import frame
from components.views.export.page import page as export

frame.page("Take it home", export.view, needs_data=True)

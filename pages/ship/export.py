from components import frame
from components.views import export

frame.page("Take it home", export.view, needs_data=True)

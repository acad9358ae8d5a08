from components import frame
from components.views import issues

frame.page("Which rows are wrong?", issues.view, needs_data=True)

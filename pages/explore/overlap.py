from components import frame
from components.views.overlap import page

frame.page("Does serving data look like training data?", page.view, needs_data=True)

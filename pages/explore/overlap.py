from components import frame
from components.views.overlap.page import page as overlap

frame.page("Does serving data look like training data?", overlap.view, needs_data=True)

from components import frame
from components.views.balance import page

frame.page("Is the imbalance a problem, and what is the honest cure?", page.view, needs_data=True)

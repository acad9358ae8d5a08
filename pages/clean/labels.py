from components import frame
from components.views.labels import page

frame.page("Which labels are wrong?", page.view, needs_data=True)

from components import frame
from components.views.augment import page

frame.page(
    "What will these variants teach the model, and do they keep the label?", page.view, needs_data=True
)

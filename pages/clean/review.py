from components import frame
from components.views.review.page import page as review

frame.page("Decide", review.view, needs_data=True)

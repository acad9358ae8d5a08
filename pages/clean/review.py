from components import frame
from components.views import review

frame.page("Decide", review.view, needs_data=True)

"""One file per page: what the page shows, top to bottom."""

"""Roles of the open data set, given on a page."""

from __future__ import annotations

from components.guard import attempt
from components.state import Notice, session, value


def set_role(role: str, key: str) -> None:
    """Give a role of the open data set to the column chosen in the widget ``key``, or to none."""
    from core.workspace import remember

    dataset = session().dataset
    if dataset is not None:
        changed = dataset.with_roles(**{role: value(key) or None})
        session().dataset = changed
        attempt(lambda: remember(changed))
        session().turn += 1
        review = session().review
        if review.batches and changed.roles != dataset.roles:
            session().notice = Notice(
                f"The {role} is now {getattr(changed.roles, role) or 'none'}, it was "
                f"{getattr(dataset.roles, role) or 'none'}. {review.amount} made before "
                f"{'stays' if len(review.batches) == 1 else 'stay'}; undo those that no longer hold."
            )

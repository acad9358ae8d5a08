"""What all tests share: nothing is judged by how long it took, as a test machine may be busy."""

from __future__ import annotations

from hypothesis import settings

settings.register_profile("winnow", deadline=None)
settings.load_profile("winnow")

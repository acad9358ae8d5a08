"""What the forms of some kinds of step have beyond their settings: one file each, found by the kind's name.

``view(work, column, settings, learned, key)`` draws it and gives what the step is to have learned.
"""

"""Rows laid out in the plane: landmarks, the layout of these in a process of its own, and the place of all
others among them.
"""

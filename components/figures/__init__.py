"""Results drawn with Plotly; no Streamlit here. Figures carry no colours of their own: the page's theme gives
them.
"""

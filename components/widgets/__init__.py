"""Parts that pages share: row lists, the action bar, finding lists, uploads. Streamlit, no Plotly."""

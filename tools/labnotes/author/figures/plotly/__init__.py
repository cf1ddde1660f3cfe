"""The data plotted in figures of Plotly."""

"""The data plotted in charts of Vega-Lite and Vega, as Altair makes them."""

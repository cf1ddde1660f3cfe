"""Pictures without plotted data behind them: shown as they are, and compared by their pixels where the author asks for it."""

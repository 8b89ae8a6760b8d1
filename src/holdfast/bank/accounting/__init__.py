"""The bank's accounting: the chart, a trial balance for each day, closing days, anchoring and proving the books."""

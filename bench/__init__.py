"""Programs that measure: ratios, side by side in one run, against walls that others would build."""

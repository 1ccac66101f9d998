"""The end of a plan: the closure report and the next plan. The only place that imports docx."""

"""All columns together: can train and serve be told apart, where is serve without train, what is train worth
for serve.
"""

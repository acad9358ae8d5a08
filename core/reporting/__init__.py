"""What an audit found as one object, and that object as a page that opens offline or as Markdown for a pull
request.
"""

"""Everything that knows a screen."""

"""A data set made ready: what two capabilities or more need of it."""

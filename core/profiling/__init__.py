"""One column at a time: what it holds (`measure`) and what is wrong with it (`alerts`)."""

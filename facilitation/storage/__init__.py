"""Where it is kept: the engine, one door for writing, pictures for reading."""

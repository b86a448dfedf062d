"""What operators do: declare who takes part, look at submissions. Used by the command line, in a daemon or without."""

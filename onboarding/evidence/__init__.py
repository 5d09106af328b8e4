"""What is known about how well model versions do: figures read, compared, and laid out as charts."""

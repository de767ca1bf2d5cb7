"""The only room that imports Google's libraries: calls in, config out."""

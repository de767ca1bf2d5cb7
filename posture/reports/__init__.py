"""An assessment as a document. One file per format, one line per format in the registry."""

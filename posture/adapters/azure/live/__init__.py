"""Azure's answers as configurations; the only rooms of the wing that import its SDKs."""

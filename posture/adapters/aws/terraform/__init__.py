"""Planned AWS resources as the records that live reads fill. Nothing here asks AWS."""

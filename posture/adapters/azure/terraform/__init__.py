"""Planned azurerm resources as what Azure would say of them."""

"""Azure: storage accounts, Event Hubs and Log Analytics, and the diagnostic settings that deliver to them."""

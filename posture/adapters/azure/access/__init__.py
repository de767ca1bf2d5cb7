"""Who can reach an Azure resource: roles, keys, anonymous access, local users, copies into other tenants."""

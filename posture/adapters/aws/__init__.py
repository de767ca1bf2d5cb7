"""The AWS wing: buckets that hold audit logs, their keys, the roles that write them, and what watches them."""

"""What a what-if of Azure Resource Manager predicts, read by the rooms that read its answers."""

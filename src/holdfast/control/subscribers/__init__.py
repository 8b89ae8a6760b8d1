"""Who follows the status page: anybody, by component and channel, once they have confirmed their address."""

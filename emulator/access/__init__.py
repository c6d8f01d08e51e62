"""Who may call: where the port is open to, which keys there are, and whether a request is signed with one of them."""

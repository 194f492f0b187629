"""The virtual CUBE: a call process, a licence agent, and the ways a router speaks."""

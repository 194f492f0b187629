"""The shapes of the API's answers; moments are RFC 3339 in UTC."""

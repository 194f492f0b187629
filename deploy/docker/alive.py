"""Ask the monitor in this container whether it is alive; exit code 0 if it is, else 1."""

import http.client
import ssl
import sys


def main() -> int:
    """The certificate names the service, not this loopback address, so it is not verified here."""
    context = ssl.create_default_context()
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    port = int(sys.argv[1]) if len(sys.argv) > 1 else 8443
    connection = http.client.HTTPSConnection("127.0.0.1", port, timeout=4, context=context)
    try:
        connection.request("GET", "/-/healthy")
        return 0 if connection.getresponse().status == http.client.OK else 1
    except OSError as error:
        sys.stderr.write(f"the monitor does not answer on port {port}: {error}\n")
        return 1
    finally:
        connection.close()


if __name__ == "__main__":
    sys.exit(main())

"""How gunicorn serves an instance; the unit says on which socket."""

import os

from pimms.logs import make_logging

worker_class = "pimms.worker.Worker"
workers = 2
threads = 4

# The socket is the boundary: whoever may write to it is believed what X-Forwarded-Proto says, so
# nobody may but the service and, by its group, the proxy.
umask = 0o007
secure_scheme_headers = {"X-FORWARDED-PROTO": "https"}

# A worker that gives no sign of life is replaced. One that is to stop finishes what it began: the
# longest is an import of 20,000 lines being applied.
timeout = 60
graceful_timeout = 60

# Nothing is written but what is said to systemd's journal; the proxy has the list of requests.
accesslog = None
errorlog = "-"
loglevel = "warning"
logconfig_dict = make_logging(os.environ.get("LOG_FORMAT") or "text")

control_socket_disable = True

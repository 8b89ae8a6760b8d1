"""The console for granian. The worker ends when its parent does, so that a killed console frees its port."""

import ctypes
import os
import signal

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "holdfast.control.django_settings")
PR_SET_PDEATHSIG = 1
if os.environ.get("HOLDFAST_CONSOLE_PARENT") == str(os.getppid()):
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)

from django.core.wsgi import get_wsgi_application  # noqa: E402  # the settings' name comes first

application = get_wsgi_application()

from holdfast.control.place import installation  # noqa: E402  # Django is set up
from holdfast.telemetry import configure_logs, lines  # noqa: E402  # as above
from holdfast.telemetry.describing import describe  # noqa: E402  # as above
from holdfast.telemetry.metrics import write_for_ever  # noqa: E402  # as above

configure_logs("control-web")
lines.keep(installation().folder("control"), "control-web")
describe()
write_for_ever(installation().folder("control"), "control-web")

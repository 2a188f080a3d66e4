"""The settings, from the environment, and what the server says of them when it starts."""
import os
import re

VERSION = "0.1.0"
PORT = os.environ.get("PORT") or "8080"
if not re.fullmatch("[0-9]{1,5}", PORT) or not 1 <= int(PORT) <= 65535:
    raise SystemExit("PORT must be a number from 1 to 65535.")
SECRET_NAMES = [name for name in ("WEBHOOK_SECRET", "WEBHOOK_SECRET_PREVIOUS") if os.environ.get(name)]
SECRETS = [os.fsencode(os.environ[name]) for name in SECRET_NAMES]
REQUIRE_SIGNATURE = os.environ.get("REQUIRE_SIGNATURE", "").lower() not in ("", "false", "0", "no")
if os.environ.get("WEBHOOK_SECRETS"):  # it is not read here, but whoever sets it wants no unsigned messages
    REQUIRE_SIGNATURE = True
FALLBACK_REPLY = (os.fsencode(os.environ.get("FALLBACK_REPLY", "")).decode(errors="replace")
                  or "Sorry, I could not answer that. Please try again.")
TIMEOUT = os.environ.get("REPLY_TIMEOUT_MS", "")
REPLY_SECONDS = int(TIMEOUT) / 1000 if re.fullmatch("[1-9][0-9]{0,6}", TIMEOUT) else 25
BACKEND_URL = os.environ.get("BACKEND_URL", "").rstrip("/")

HEADER_SAFE = re.compile(b"[!-~]([ -~]*[!-~])?")  # what an HTTP header can carry
PADDED = re.compile(r"(?s)^\s|\s\Z|^([\"']).*\1\Z")
# The secret goes to the backend, so it must be https, or this computer.
BACKEND = re.compile(r"""(?aix) (https:// ([\w.-]+ | \[[\da-f:]+\]) | http:// (localhost | 127\.0\.0\.1 | \[::1\]))
                         (:\d{1,5})? (/[^\s?\#]*)?""")

WARNINGS = [name + " has white space or quotes around it. It is used as it is; paste it again without them if that was "
            "an accident." for name in SECRET_NAMES if PADDED.search(os.environ[name])]
if BACKEND_URL and not BACKEND.fullmatch(BACKEND_URL):
    BACKEND_URL = ""
    WARNINGS.append("BACKEND_URL must be an https:// URL without user, query or fragment (http:// only for localhost). "
                    "It is ignored.")
if not BACKEND_URL or not SECRETS:
    WARNINGS.append("The chat will forget streamed text as soon as it is complete, because replies are not stored. Set "
                    "BACKEND_URL to the main app's backend and WEBHOOK_SECRET to the App's secret to keep it.")
elif not all(map(HEADER_SAFE.fullmatch, SECRETS)):
    WARNINGS.append("A secret with white space around it or with letters outside ASCII can sign, but can never pass "
                    "the Partner API: replies will not be stored. Choose another secret in the dashboard and here.")

if SECRETS:
    MODE = "signed: messages without a valid signature are refused"
elif REQUIRE_SIGNATURE:
    MODE = "not configured: every message is refused until WEBHOOK_SECRET is set"
else:
    MODE = "unsigned: everyone who knows the URL can send messages; set WEBHOOK_SECRET"
START_LINES = "\n".join([
    "replyhook listens on http://localhost:" + PORT,
    "  mode      " + MODE,
    *("  warning   " + warning for warning in WARNINGS),
    "  paste into the dashboard as Webhook URL",
    "  chat      http://localhost:%s/stream" % PORT,
    "  /run      http://localhost:%s/" % PORT,
])
PAGE = """<!doctype html>
<html lang="en">
<meta charset="utf-8">
<title>replyhook is up</title>
<h1>replyhook is up</h1>
<p>Version %s</p>
<pre>%s</pre>
</html>
""" % (VERSION, START_LINES)

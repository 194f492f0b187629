"""Tell people of pages: one file per kind of channel; all of them take one notice at a time."""

from monitor.notify.apprise import AppriseConfig as AppriseConfig
from monitor.notify.config import NotifyConfig as NotifyConfig

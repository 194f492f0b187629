"""What CSSM and SSM On-Prem say of accounts: over their API, and as exports put into a folder."""

from monitor.collect.cssm.config import CssmConfig, CssmFilesConfig, Question
from monitor.collect.cssm.files import CssmFiles
from monitor.collect.cssm.poller import CssmPoller

__all__ = ["CssmConfig", "CssmFiles", "CssmFilesConfig", "CssmPoller", "Question"]

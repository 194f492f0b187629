"""Advice: Cisco's task flow and notes as checks, one file per check; pure functions of facts."""

from monitor.evaluate.advice.advise import Advised as Advised
from monitor.evaluate.advice.advise import Given as Given
from monitor.evaluate.advice.advise import advise as advise
from monitor.evaluate.advice.advise import own_findings as own_findings
from monitor.evaluate.advice.advise import shown_findings as shown_findings
from monitor.evaluate.advice.catalogue import CHECKS as CHECKS

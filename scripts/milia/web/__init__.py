"""The web: an ASGI application that is a function of the graph.

>>> import milia
>>> app = make_app(milia.open())
>>> [route.path for route in app.routes if route.path == "/sparql"]
['/sparql']
"""

from __future__ import annotations

from milia.web.app import make_app
from milia.web.workers import Limits

__all__ = ["Limits", "make_app"]

"""``python -m xlsearch.reporting.grafana > dashboards/grafana-xlsearch.json``"""

from __future__ import annotations

import sys

from xlsearch.reporting.grafana.search import dashboard_text

sys.stdout.write(dashboard_text())

"""The dashboard for Grafana, as typed Python."""

"""Dashboards: what an operator sees, as rows of panels; `python -m deploy` makes JSON of them.

tests/metrics/test_deploy.py holds every metric named here against the catalog and a real scrape.
"""

from typing import NamedTuple


class Query(NamedTuple):
    """A curve, or several, one for each label that the legend names."""

    expr: str
    legend: str = ""


class Panel(NamedTuple):
    """One picture. unit: Grafana's name of it. kind: timeseries, or stat for a number alone."""

    title: str
    unit: str
    queries: tuple[Query, ...]
    kind: str = "timeseries"


class Dashboard(NamedTuple):
    """One page; uid stays the same over versions."""

    uid: str
    title: str
    panels: tuple[Panel, ...]


def _quantiles(metric: str) -> tuple[Query, ...]:
    return tuple(
        Query(f"histogram_quantile({share}, sum by (le) (rate({metric}_bucket[$__rate_interval])))",
              name)
        for share, name in ((0.5, "p50"), (0.99, "p99"), (0.999, "p99.9"))
    )  # fmt: skip


def _rate(metric: str, by: str = "") -> Query:
    if not by:
        return Query(f"sum(rate({metric}[$__rate_interval]))", metric.removeprefix("venue_"))
    return Query(f"sum by ({by}) (rate({metric}[$__rate_interval]))", f"{{{{{by}}}}}")


VENUE = Dashboard("venue", "Venue", (
    Panel("Runs", "short", (Query("venue_up", "venue run"),), "stat"),
    Panel("Processes that are up", "short", (Query("sum(venue_process_up)", "up"),), "stat"),
    Panel("Processes that are ready", "short", (Query("sum(venue_process_ready)", "ready"),),
          "stat"),
    Panel("Capacity used in the busiest second", "percentunit",
          (Query("venue_capacity_used_ratio", "used"),), "stat"),
    Panel("Commands and events a second", "cps",
          (_rate("venue_journal_records_total"), _rate("venue_journal_events_total"))),
    Panel("Busiest second, and the measured limit", "cps",
          (Query("venue_busiest_second_messages", "busiest"),
           Query("venue_capacity_messages_per_second", "limit"))),
    Panel("Message to report", "s", _quantiles("venue_message_to_report_seconds")),
    Panel("Message to disk", "s", _quantiles("venue_message_to_disk_seconds")),
    Panel("fdatasync", "s", _quantiles("venue_fdatasync_seconds")),
    Panel("Commands that share a write", "short", _quantiles("venue_batch_commands")),
    Panel("Batches a second", "cps", (_rate("venue_batches_total"),)),
    Panel("Inbox", "short", (Query("venue_inbox_commands", "now"),
                             Query("venue_inbox_deepest_commands", "deepest"))),
    Panel("Followers: events behind", "short",
          (Query("venue_follower_lag_events", "{{follower}}"),)),
    Panel("Followers: seconds behind", "s",
          (Query("venue_follower_lag_seconds", "{{follower}}"),)),
    Panel("Followers that halt", "short", (Query("venue_follower_halted", "{{follower}}"),)),
    Panel("Followers: events a second", "cps",
          (Query("rate(venue_follower_position[$__rate_interval])", "{{follower}}"),)),
    Panel("Starts again", "short",
          (Query("increase(venue_process_restarts_total[1h])", "{{process}}"),)),
    Panel("Age of heartbeats", "s",
          (Query("venue_process_heartbeat_age_seconds", "{{process}}"),)),
))  # fmt: skip
SESSIONS = Dashboard("venue-sessions", "Venue: sessions", (
    Panel("Sessions that are on", "short", (Query("venue_sessions_logged_on", "on"),
                                            Query("venue_sessions", "configured")), "stat"),
    Panel("Sessions of market data and drop copies", "short",
          (Query("venue_data_sessions_logged_on", "{{process}}"),), "stat"),
    Panel("Messages in, by session", "cps",
          (Query("rate(venue_session_messages_in_total[$__rate_interval])", "{{session}}"),)),
    Panel("Messages out, by session", "cps",
          (Query("rate(venue_session_messages_out_total[$__rate_interval])", "{{session}}"),)),
    Panel("What a session has not read", "bytes",
          (Query("venue_session_unread_bytes", "{{session}}"),)),
    Panel("Commands by type", "cps", (_rate("venue_commands_total", "type"),)),
    Panel("Reports by MsgType", "cps", (_rate("venue_reports_total", "msg_type"),)),
    Panel("Refusals by code", "cps", (_rate("venue_rejects_total", "code"),)),
    Panel("Resends", "cps", (_rate("venue_resends_total"),)),
    Panel("Incidents", "short", (Query("venue_incidents", "messages"),)),
))  # fmt: skip
MARKET = Dashboard("venue-market", "Venue: market", (
    Panel("New orders a second", "cps", (_rate("venue_orders_total"),)),
    Panel("Trades a second, by instrument", "cps", (_rate("venue_trades_total", "symbol"),)),
    Panel("Open orders", "short", (Query("venue_open_orders", "open"),)),
    Panel("Events by type", "cps", (_rate("venue_events_total", "type"),)),
    Panel("Trades for each order", "percentunit",
          (Query("sum(rate(venue_trades_total[5m])) / sum(rate(venue_orders_total[5m]))",
                 "trades"),)),
    Panel("Refusals for each order", "percentunit",
          (Query("sum(rate(venue_rejects_total[5m])) / sum(rate(venue_orders_total[5m]))",
                 "refusals"),)),
))  # fmt: skip
CLEARING = Dashboard("venue-clearing", "Venue: clearing", (
    Panel("Ledger: sum of all accounts", "short",
          (Query("venue_ledger_imbalance", "{{asset}}"),), "stat"),
    Panel("Differences found", "short", (Query("venue_breaks_open", "open"),), "stat"),
    Panel("Since the stores were compared", "s",
          (Query("time() - venue_reconciled_timestamp_seconds", "ago"),), "stat"),
    Panel("Clearing: events behind", "short",
          (Query('venue_follower_lag_events{follower="clearing"}', "clearing"),)),
    Panel("Clearing: seconds behind", "s",
          (Query('venue_follower_lag_seconds{follower="clearing"}', "clearing"),)),
    Panel("Servers that answer", "short", (Query("venue_server_up", "{{server}}"),)),
    Panel("Time to an answer", "s", (Query("venue_server_answer_seconds", "{{server}}"),)),
    Panel("Servers started again", "short",
          (Query("increase(venue_server_restarts_total[1h])", "{{server}}"),)),
))  # fmt: skip
MACHINE = Dashboard("venue-machine", "Venue: machine", (
    Panel("Processor, by use", "percentunit",
          (Query('rate(venue_machine_cpu_seconds_total{mode!="idle"}[$__rate_interval])',
                 "{{mode}}"),)),
    Panel("Load", "short", (Query("venue_machine_load1", "1 minute"),)),
    Panel("Memory", "bytes", (Query("venue_machine_memory_available_bytes", "available"),
                              Query("venue_machine_memory_bytes", "all"))),
    Panel("Disk of the data", "bytes", (Query("venue_disk_free_bytes", "free"),
                                        Query("venue_disk_bytes", "all"))),
    Panel("Stores", "bytes", (Query("venue_store_bytes", "{{store}}"),)),
    Panel("Processor, by process", "percentunit",
          (Query("rate(venue_process_cpu_seconds_total[$__rate_interval])", "{{process}}"),)),
    Panel("Memory, by process", "bytes",
          (Query("venue_process_resident_bytes", "{{process}}"),)),
    Panel("Open files, by process", "short", (Query("venue_process_open_files", "{{process}}"),)),
    Panel("Days until certificates end", "d",
          (Query("(venue_certificate_end_timestamp_seconds - time()) / 86400", "{{file}}"),)),
    Panel("Version", "short", (Query("venue_build_info", "{{version}} {{core}}"),), "stat"),
))  # fmt: skip
DASHBOARDS = (VENUE, SESSIONS, MARKET, CLEARING, MACHINE)

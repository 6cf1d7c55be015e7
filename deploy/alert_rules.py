"""Alert rules: when somebody has to look, and what he does first.

`python -m deploy` makes deploy/prometheus/alerts.yml of them. tests/metrics/test_deploy.py holds
every metric named here against the catalog.
"""

from typing import Literal, NamedTuple


class AlertRule(NamedTuple):
    """One rule. lasts: how long it has to hold. do: what to do first; where: in which document."""

    name: str
    expr: str
    lasts: str
    severity: Literal["critical", "warning"]
    summary: str
    do: str
    where: str = "docs/OBSERVABILITY.md"


_OPERATING = "docs/OPERATING.md"
_P99 = "histogram_quantile(0.99, sum by (le) (rate({}_bucket[5m])))"

ALERT_RULES = (
    AlertRule("VenueUnseen", 'up{job="venue"} == 0 or absent(up{job="venue"})', "1m", "critical",
              "Nobody answers at {{ $labels.instance }}",
              "venue status on that machine: does the venue run, and its process metrics?"),
    AlertRule("VenueDown", "venue_up == 0", "1m", "critical", "`venue run` does not run",
              "look at logs/supervisor.log; venue doctor says what stops a start"),
    AlertRule("VenueProcessDown", "venue_process_up == 0", "30s", "critical",
              "{{ $labels.process }} is down, or its loop does not come round",
              "venue status names why; its log is logs/{{ $labels.process }}.log"),
    AlertRule("VenueProcessNotReady", "venue_process_ready == 0", "2m", "critical",
              "{{ $labels.process }} does not do its work",
              "curl its /readyz: it says why"),
    AlertRule("VenueProcessKeepsEnding", "increase(venue_process_restarts_total[10m]) > 2", "0s",
              "warning", "{{ $labels.process }} is started again and again",
              "the last lines of logs/{{ $labels.process }}.log say why it ends"),
    AlertRule("VenueFollowerHalted", "venue_follower_halted == 1", "30s", "critical",
              "{{ $labels.follower }} halts in front of an event",
              "venue status says which event and why; mend that, then end its process", _OPERATING),
    AlertRule("VenueFollowerBehind", "venue_follower_lag_seconds > 60", "1m", "warning",
              "{{ $labels.follower }} is {{ $value | humanizeDuration }} behind",
              "venue top: does it go on, does its store answer?", _OPERATING),
    AlertRule("VenueDiskFilling", "predict_linear(venue_disk_free_bytes[1h], 86400) < 0", "10m",
              "warning", "The disk of the data will be full within a day",
              "venue status shows which store grows; make room or set [retention]", _OPERATING),
    AlertRule("VenueDiskAlmostFull", "venue_disk_free_bytes / venue_disk_bytes < 0.1", "5m",
              "critical", "{{ $value | humanizePercentage }} of the disk are free",
              "make room now: without it no orders are taken", _OPERATING),
    AlertRule("VenueDiskSlow", _P99.format("venue_fdatasync_seconds") + " > 0.02", "5m", "warning",
              "One of 100 writes takes {{ $value | humanizeDuration }}",
              "iostat: who else writes on that disk? venue doctor measures it"),
    AlertRule("VenueAnswersLate", _P99.format("venue_message_to_report_seconds") + " > 0.1", "5m",
              "warning", "One of 100 messages waits {{ $value | humanizeDuration }} for its report",
              "venue top: is it the disk, the processor or one session?"),
    AlertRule("VenueInboxDeep", "max_over_time(venue_inbox_deepest_commands[1m]) > 2000", "1m",
              "warning", "{{ $value }} messages wait at once",
              "venue top names the busiest sessions", _OPERATING),
    AlertRule("VenueSessionFloods", "rate(venue_session_messages_in_total[1m]) > 2000", "1m",
              "warning", "{{ $labels.session }} sends {{ $value | humanize }} messages a second",
              "ask its broker; venue kill session {{ $labels.session }} stops it", _OPERATING),
    AlertRule("VenueManyRejects",
              "sum(rate(venue_rejects_total[1m])) > 20 and "
              "sum(rate(venue_rejects_total[1m])) > 0.5 * sum(rate(venue_orders_total[1m]))", "2m",
              "warning", "{{ $value | humanize }} refusals a second",
              "the dashboard Sessions has their codes", _OPERATING),
    AlertRule("VenueSessionDoesNotRead", "venue_session_unread_bytes > 1000000", "1m", "warning",
              "{{ $labels.session }} does not read what it is sent",
              "venue session show {{ $labels.session }}; its broker has to look"),
    AlertRule("VenueManyResends", "rate(venue_resends_total[5m]) > 1", "5m", "warning",
              "Clients ask again and again for old messages",
              "venue fix log of the busiest session shows its ResendRequests"),
    AlertRule("VenueIncident", "delta(venue_incidents[10m]) > 0", "0s", "critical",
              "A message has broken its session", "look at incidents/ of the data directory"),
    AlertRule("VenueCapacityUsed", "venue_capacity_used_ratio > 0.8", "1m", "warning",
              "{{ $value | humanizePercentage }} of the measured capacity were used in a second",
              "measure again (venue bench load), or find out who sends so much"),
    AlertRule("VenueLedgerImbalance", "venue_ledger_imbalance != 0", "0s", "critical",
              "The ledger does not sum to 0 in {{ $labels.asset }}",
              "stop withdrawals; venue ledger verify names the difference", "docs/CLEARING.md"),
    AlertRule("VenueBreaksOpen", "venue_breaks_open > 0", "0s", "critical",
              "{{ $value }} differences between the stores", "venue breaks list"),
    AlertRule("VenueNotReconciled", "time() - venue_reconciled_timestamp_seconds > 900", "5m",
              "warning", "The stores were last compared {{ $value | humanizeDuration }} ago",
              "venue status: does the reconciler run?"),
    AlertRule("VenueServerDown", "venue_server_up == 0", "1m", "critical",
              "{{ $labels.server }} does not answer",
              "trading goes on; venue status says what the server has said last"),
    AlertRule("VenueCertificateEnds",
              "(venue_certificate_end_timestamp_seconds - time()) / 86400 < 30", "1h", "warning",
              "{{ $labels.file }} ends in {{ $value | humanize }} days",
              "renew it: the gate reads the new file by itself", "docs/SECURITY.md"),
    AlertRule("VenueMemoryLow",
              "venue_machine_memory_available_bytes / venue_machine_memory_bytes < 0.1", "5m",
              "warning", "{{ $value | humanizePercentage }} of the memory are left",
              "venue top shows which process holds it"),
)  # fmt: skip

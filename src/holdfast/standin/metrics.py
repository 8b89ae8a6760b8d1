"""Numbers in Prometheus' form, at /-/metrics."""

from prometheus_client import CollectorRegistry, Counter, Gauge

REGISTRY = CollectorRegistry()
PAYMENTS = Counter("standin_payments", "Payment requests answered, by outcome", ["outcome"], registry=REGISTRY)
LINES = Counter("standin_clearing_lines", "Clearing lines, by what became of them", ["result"], registry=REGISTRY)
LOGINS = Counter("standin_logins", "Login attempts, by result", ["result"], registry=REGISTRY)
ORDERS = Counter("standin_orders", "Standing orders handled, by outcome", ["outcome"], registry=REGISTRY)
CARD_USES = Counter("standin_card_uses", "Card uses asked for, by outcome", ["outcome"], registry=REGISTRY)
FEED_BLOCK = Gauge("standin_feed_block", "Last block of the books in the copy", registry=REGISTRY)
FEED_LAG_BLOCKS = Gauge("standin_feed_lag_blocks", "Blocks the bank said it has beyond the copy", registry=REGISTRY)
FEED_LAG_S = Gauge("standin_feed_lag_seconds", "Seconds since the copy was known to be level", registry=REGISTRY)
EXPOSURE = Gauge("standin_exposure_minor", "Accepted debits not yet seen in blocks", registry=REGISTRY)
EXPOSURE_WORST = Gauge("standin_exposure_worst_minor", "The most that overspending could cost", registry=REGISTRY)
SHADOW = Gauge("standin_shadow", "Decisions compared with the bank's, see /-/shadow", ["figure"], registry=REGISTRY)
SHADOW_FIGURES = (
    "judged",
    "same",
    "same_share",
    "accepted_wrongly_share",
    "refused_wrongly_share",
    "dropped",
    "not_judged",
)
POSITION = Gauge("standin_journal_position", "Number of the last durable journal entry", registry=REGISTRY)
COMMITS = Gauge("standin_journal_commits", "Group commits since the start", registry=REGISTRY)
STOPPED = Gauge("standin_money_stopped", "1 while no payment is taken", registry=REGISTRY)

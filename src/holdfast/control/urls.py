"""The console's addresses; each view declares who may use it (see borders.py)."""

from django.urls import path

from holdfast.control.alerts import views as alerts
from holdfast.control.approvals import access, books, closing, limits, names, payroll, prices, rates, reviews
from holdfast.control.approvals import views as approvals
from holdfast.control.capacity import views as capacity
from holdfast.control.care import views as care
from holdfast.control.cases import views as cases
from holdfast.control.changes import views as changes
from holdfast.control.community import plans
from holdfast.control.community import views as community
from holdfast.control.incidents import machine
from holdfast.control.incidents import views as incidents
from holdfast.control.journeys import views as journeys
from holdfast.control.logs import views as logs
from holdfast.control.maintenance import views as maintenance
from holdfast.control.metrics import views as metrics
from holdfast.control.now import views as now
from holdfast.control.response import rosters, runs, terminal, waiting_room
from holdfast.control.response import views as response
from holdfast.control.staff import me
from holdfast.control.staff import views as staff
from holdfast.control.subscribers import views as followers
from holdfast.control.support import planning
from holdfast.control.support import views as support
from holdfast.control.tell import composer, delivery
from holdfast.control.tell import views as tell
from holdfast.control.traces import views as traces
from holdfast.control.watch import case_files

urlpatterns = [
    path("", now.now),
    path("both", now.both),
    path("break", now.break_it),
    path("-/health", now.health),
    path("assets/<str:name>", now.asset),
    path("login", staff.login),
    path("logout", staff.logout),
    path("staff", staff.actions),
    path("sign-in", me.me),
    path("sign-in/confirm", me.confirm),
    path("sign-in/sessions/end", me.end_session),
    path("sign-in/recovery", me.new_codes),
    path("sign-in/authenticator", me.authenticator),
    path("sign-in/passkeys", me.add_passkey),
    path("sign-in/passkeys/remove", me.remove_passkey),
    path("passkey/challenge", staff.passkey_challenge),
    path("incidents", incidents.listing),
    path("incidents.json", machine.listing),
    path("incidents/<int:number>", incidents.one),
    path("incidents/<int:number>.json", machine.one),
    path("incidents/<int:number>/case.json", case_files.case_file),
    path("incidents/<int:number>/acknowledge", response.acknowledge),
    path("incidents/<int:number>/state", response.state),
    path("incidents/<int:number>/severity", response.severity),
    path("incidents/<int:number>/roles", response.post),
    path("incidents/<int:number>/tasks", response.task),
    path("incidents/<int:number>/tasks/<int:task>/done", response.task_done),
    path("incidents/<int:number>/decisions", response.decision),
    path("incidents/<int:number>/links", response.link),
    path("incidents/<int:number>/review", response.review),
    path("incidents/<int:number>/hand-back", incidents.hand_back),
    path("incidents/<int:number>/force-primary", incidents.force_primary),
    path("incidents/<int:number>/note", incidents.note),
    path("incidents/<int:number>/helped", incidents.helped),
    path("incidents/<int:number>/refund-until", incidents.refund_until),
    path("incidents/<int:number>/runs", runs.begin),
    path("incidents/<int:number>/runs/<int:run>/end", runs.end),
    path("incidents/<int:number>/runs/<int:run>/<int:step>", runs.step),
    path("incidents/<int:number>/act.json", terminal.act),
    path("runbooks", runs.listing),
    path("waiting-room", waiting_room.page),
    path("on-call", rosters.page),
    path("on-call.json", terminal.on_call),
    path("on-call/shifts", rosters.add_shift),
    path("on-call/shifts/<int:number>/end", rosters.end_shift),
    path("on-call/contact", rosters.contact),
    path("on-call/webhook", rosters.shared_webhook),
    path("on-call/gateway", rosters.sms_gateway),
    path("delivery/gateway", delivery.gateway),
    path("on-call/devices", rosters.add_device),
    path("on-call/devices/<int:number>/end", rosters.remove_device),
    path("cases", cases.listing),
    path("cases/<int:number>", cases.one),
    path("cases/<int:number>/take", cases.take),
    path("cases/<int:number>/propose", cases.propose),
    path("cases/<int:number>/proof", cases.proof),
    path("approvals", approvals.listing),
    path("approvals/<int:number>/approve", approvals.approve),
    path("approvals/<int:number>/decline", approvals.decline),
    path("approvals/<int:number>/alone", approvals.alone),
    path("approvals/<int:number>/review", approvals.review),
    path("limits", limits.limits),
    path("payroll", payroll.payroll),
    path("books", books.books),
    path("prices", prices.prices),
    path("rates", rates.rates),
    path("reviews", reviews.listing),
    path("reviews/<int:number>", reviews.one),
    path("reviews/<int:number>/propose", reviews.propose),
    path("reviews/<int:number>/drop", reviews.drop),
    path("reviews/<int:number>/<int:given>", reviews.calculation),
    path("reviews/<int:number>.csv", reviews.as_csv),
    path("access", access.access),
    path("alerts", alerts.listing),
    path("alerts/silences", alerts.silence),
    path("alerts/silences/<int:number>/end", alerts.end_silence),
    path("alerts/sources", alerts.add_source),
    path("alerts/sources/remove", alerts.remove_source),
    path("service-levels", alerts.levels),
    path("changes", changes.listing),
    path("hooks/alertmanager", alerts.hook),
    path("measurements", metrics.listing),
    path("measurements.json", metrics.latest),
    path("measurements/<int:number>", metrics.one),
    path("capacity", capacity.listing),
    path("capacity.json", capacity.taken),
    path("journeys", journeys.listing),
    path("logs", logs.listing),
    path("logs/<int:number>", logs.one),
    path("traces", traces.listing),
    path("traces/outside", traces.outside),
    path("traces/<str:trace>", traces.one),
    path("closing", closing.closing),
    path("names", names.names),
    path("calls", care.calls),
    path("calls/<int:number>", care.calls_of),
    path("calls/<int:number>/<int:customer>", care.call),
    path("local-help", care.local_help),
    path("needs", care.needs),
    path("needs/<int:customer>", care.needs_of),
    path("support", support.desk),
    path("support/here", support.here),
    path("support/take", support.take_next),
    path("support/calls/<int:number>", support.called),
    path("support/hours", planning.page),
    path("support/hours/keep", planning.keep_week),
    path("support/extensions", planning.extend),
    path("support/extensions/<int:number>/end", planning.shorten),
    path("support/shifts", planning.add_shift),
    path("support/shifts/<int:number>/end", planning.end_shift),
    path("support/<uuid:ident>", support.one),
    path("support/<uuid:ident>/take", support.take),
    path("support/<uuid:ident>/answer", support.answer),
    path("support/<uuid:ident>/news.json", support.news),
    path("support/<uuid:ident>/look", support.look),
    path("support/<uuid:ident>/hand-over", support.hand_over),
    path("support/<uuid:ident>/end", support.end),
    path("community", community.board),
    path("community/posts/<int:number>", community.post),
    path("community/rule", community.rule),
    path("community/ideas/<int:number>", community.idea),
    path("community/questions/<int:number>", community.question),
    path("community/polls", plans.poll_list),
    path("community/webinars", plans.webinar_list),
    path("community/webinars/<int:number>", plans.webinar),
    path("community/tours", plans.tour_list),
    path("messages", tell.messages),
    path("messages/<int:notice>", tell.notice),
    path("compose", composer.compose),
    path("maintenance", maintenance.listing),
    path("maintenance/<int:number>", maintenance.one),
    path("maintenance/<int:number>/step", maintenance.step),
    path("delivery", delivery.delivery),
    path("followers", followers.page),
    path("followers/remove", followers.remove),
    path("delivery/again", delivery.again),
    path("delivery/cancel", delivery.cancel),
]

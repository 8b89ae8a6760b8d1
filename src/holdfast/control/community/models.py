"""What customers wrote and chose, under names that they chose, and what the bank made of it."""

from django.db import models

from holdfast.control.incidents.models import Incident


class Member(models.Model):
    """A customer in the community. name: what others read; plain_name: the same as names are compared, held once."""

    customer = models.BigIntegerField(primary_key=True)
    name = models.CharField(max_length=30)
    plain_name = models.CharField(max_length=30, unique=True)
    made_at = models.DateTimeField()


class Rule(models.Model):
    """How the bank keeps its community: one row. first_look: what is new is shown once somebody looked at it."""

    id = models.SmallIntegerField(primary_key=True, default=1)
    first_look = models.BooleanField(default=False)


class Webinar(models.Model):
    """A webinar. words: by language {"title", "about"}; materials: [{"title": {language: …}, "link"}]; stream,
    recording: addresses, "" until there is one. changes: how often it was moved or called off. reminded_at: when the
    reminder was handed to the outbox."""

    number = models.BigAutoField(primary_key=True)
    words = models.JSONField()
    spoken = models.CharField(max_length=8)
    begins_at = models.DateTimeField()
    ends_at = models.DateTimeField()
    seats = models.IntegerField()
    stream = models.CharField(max_length=300, default="", blank=True)
    recording = models.CharField(max_length=300, default="", blank=True)
    materials = models.JSONField(default=list)
    called_off = models.BooleanField(default=False)
    changes = models.IntegerField(default=0)
    made_by = models.CharField(max_length=64)
    made_at = models.DateTimeField()
    reminded_at = models.DateTimeField(null=True)

    class Meta:
        indexes = (models.Index(fields=["begins_at"], name="webinars_by_time"),)


class Registration(models.Model):
    """A customer's seat at a webinar, or their place in the line for one (waiting)."""

    webinar = models.ForeignKey(Webinar, on_delete=models.CASCADE, related_name="registrations")
    customer = models.BigIntegerField(db_index=True)
    at = models.DateTimeField()
    waiting = models.BooleanField()

    class Meta:
        constraints = (models.UniqueConstraint(fields=["webinar", "customer"], name="one_place_a_customer"),)


class Post(models.Model):
    """What a customer wrote. kind: idea, comment (of an idea) or question (of a webinar). customer: null for one who
    left, or for the bank's own. fate: contracts.community.Fate; why: of hiding, which the writer reads; looked_at: null
    until staff looked at it; reports that came after that ask for another look. appeal: contracts.community.Appeal.
    said: the id that the sender gave it. answer: the bank's, to a question."""

    number = models.BigAutoField(primary_key=True)
    kind = models.CharField(max_length=8)
    idea = models.ForeignKey("Idea", on_delete=models.CASCADE, null=True, related_name="comments")
    webinar = models.ForeignKey(Webinar, on_delete=models.CASCADE, null=True, related_name="questions")
    customer = models.BigIntegerField(null=True, db_index=True)
    language = models.CharField(max_length=8)
    title = models.CharField(max_length=100, default="", blank=True)
    words = models.TextField()
    at = models.DateTimeField()
    said = models.UUIDField(unique=True)
    fate = models.CharField(max_length=8, db_index=True)
    why = models.CharField(max_length=300, default="", blank=True)
    looked_at = models.DateTimeField(null=True)
    looked_by = models.CharField(max_length=64, default="", blank=True)
    appeal = models.CharField(max_length=8, default="none")
    appeal_words = models.CharField(max_length=300, default="", blank=True)
    answer = models.TextField(default="", blank=True)

    class Meta:
        indexes = (models.Index(fields=["kind", "at"], name="posts_by_time"),)


class Idea(models.Model):
    """An idea: its post's number is its own. state: contracts.community.IdeaState; answer: by language; count: how many
    votes there are, changed with each in one transaction, since the page is in their order."""

    post = models.OneToOneField(Post, on_delete=models.CASCADE, primary_key=True, related_name="as_idea")
    state = models.CharField(max_length=10, default="new", db_index=True)
    answer = models.JSONField(default=dict)
    answered_at = models.DateTimeField(null=True)
    count = models.IntegerField(default=0)

    class Meta:
        indexes = (models.Index(fields=["-count", "-post"], name="ideas_by_votes"),)


class Vote(models.Model):
    """One customer is for one idea."""

    idea = models.ForeignKey(Idea, on_delete=models.CASCADE, related_name="votes")
    customer = models.BigIntegerField(db_index=True)

    class Meta:
        constraints = (models.UniqueConstraint(fields=["idea", "customer"], name="one_vote_a_customer"),)


class Report(models.Model):
    """One customer says that a post should not stand there."""

    post = models.ForeignKey(Post, on_delete=models.CASCADE, related_name="reports")
    customer = models.BigIntegerField(db_index=True)
    why = models.CharField(max_length=300, default="", blank=True)
    at = models.DateTimeField()

    class Meta:
        constraints = (models.UniqueConstraint(fields=["post", "customer"], name="one_report_a_customer"),)


class Poll(models.Model):
    """Questions after an incident, or about anything. title: by language; questions: [{"words": {language: …},
    "choices": [{language: …}]}], which never change."""

    number = models.BigAutoField(primary_key=True)
    incident = models.ForeignKey(Incident, on_delete=models.PROTECT, null=True, related_name="polls")
    title = models.JSONField()
    questions = models.JSONField()
    opened_at = models.DateTimeField()
    closes_at = models.DateTimeField()
    made_by = models.CharField(max_length=64)


class PollAnswer(models.Model):
    """A customer's answers to a poll: the number of the choice, from 0, for each question in order."""

    poll = models.ForeignKey(Poll, on_delete=models.CASCADE, related_name="answers")
    customer = models.BigIntegerField(db_index=True)
    chosen = models.JSONField()

    class Meta:
        constraints = (models.UniqueConstraint(fields=["poll", "customer"], name="one_answer_a_customer"),)


class Tour(models.Model):
    """What is new on a page. title and each of the steps: by language; until: null while it is shown."""

    number = models.BigAutoField(primary_key=True)
    title = models.JSONField()
    path = models.CharField(max_length=40)
    steps = models.JSONField()
    published_at = models.DateTimeField()
    until = models.DateTimeField(null=True)
    made_by = models.CharField(max_length=64)


class TourSeen(models.Model):
    """A customer put a tour away."""

    tour = models.ForeignKey(Tour, on_delete=models.CASCADE, related_name="seen")
    customer = models.BigIntegerField(db_index=True)

    class Meta:
        constraints = (models.UniqueConstraint(fields=["tour", "customer"], name="a_tour_once"),)


class Problem(models.Model):
    """Somebody reports that something does not work. trouble: contracts.community.Trouble; customer: null for a
    stranger; said: the sender's id for it."""

    trouble = models.CharField(max_length=8)
    words = models.TextField(default="", blank=True)
    language = models.CharField(max_length=8)
    customer = models.BigIntegerField(null=True, db_index=True)
    at = models.DateTimeField(db_index=True)
    said = models.UUIDField(unique=True)

"""Tables of the ledger. Rows are only ever added: the database itself refuses anything else."""

from __future__ import annotations

from datetime import datetime, timezone
from typing import Any

from sqlalchemy import (
    DDL,
    JSON,
    Boolean,
    Column,
    DateTime,
    Float,
    ForeignKey,
    Index,
    Integer,
    MetaData,
    Table,
    Text,
    TypeDecorator,
    UniqueConstraint,
    event,
)

VERSION = 1
"""Of the tables; raised whenever they change."""


class Utc(TypeDecorator[datetime]):
    """A time with its zone, UTC; also where the database knows no zones."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Any) -> datetime | None:
        """Store a time as UTC."""
        return None if value is None else value.astimezone(timezone.utc)

    def process_result_value(self, value: datetime | None, dialect: Any) -> datetime | None:
        """Give back what SQLite stores without a zone as what it is."""
        if value is None:
            return None
        return value.replace(tzinfo=timezone.utc) if value.tzinfo is None else value


metadata = MetaData()

schema = Table("ledger_schema", metadata, Column("version", Integer, primary_key=True))

questions = Table(
    "ledger_questions",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("campaign", Text, nullable=False),
    Column("round", Integer, nullable=False),
    Column("item", Text, nullable=False),
    Column("object", Text, nullable=False),
    Column("form", JSON, nullable=False),
    Column("query", Text, nullable=False),
    Column("model", Text, nullable=False),
    Column("wanted", Integer, nullable=False),
    Column("asked_at", Utc, nullable=False),
    UniqueConstraint("campaign", "round", "object"),
    sqlite_autoincrement=True,
)

answers = Table(
    "ledger_answers",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("question", ForeignKey(questions.c.id), nullable=False),
    Column("labeller", Text, nullable=False),
    Column("attempt", Integer, nullable=False),
    Column("skipped", Boolean, nullable=False),
    Column("value", JSON(none_as_null=True)),
    Column("confidence", Float),
    Column("answered_at", Utc, nullable=False),
    UniqueConstraint("question", "labeller", "attempt"),
    sqlite_autoincrement=True,
)

retractions = Table(
    "ledger_retractions",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("answer", ForeignKey(answers.c.id), nullable=False, unique=True),
    Column("retracted_at", Utc, nullable=False),
    sqlite_autoincrement=True,
)

claims = Table(
    "ledger_claims",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("question", ForeignKey(questions.c.id), nullable=False),
    Column("labeller", Text, nullable=False),
    Column("until", Utc, nullable=False),
    Index("ledger_claims_of_question", "question"),
    sqlite_autoincrement=True,
)

_REFUSE_SQLITE = """
CREATE TRIGGER %(table)s_no_{verb} BEFORE {verb} ON %(table)s
BEGIN SELECT RAISE(ABORT, 'the ledger is append-only'); END
"""
_REFUSE_POSTGRESQL = """
CREATE OR REPLACE FUNCTION ledger_refuse() RETURNS trigger LANGUAGE plpgsql AS
$$ BEGIN RAISE EXCEPTION 'the ledger is append-only'; END $$
"""
_TRIGGER_POSTGRESQL = """
CREATE TRIGGER %(table)s_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON %(table)s
FOR EACH STATEMENT EXECUTE FUNCTION ledger_refuse()
"""

event.listen(metadata, "before_create", DDL(_REFUSE_POSTGRESQL).execute_if(dialect="postgresql"))
for _table in metadata.tables.values():
    event.listen(_table, "after_create", DDL(_TRIGGER_POSTGRESQL).execute_if(dialect="postgresql"))
    for _verb in ("UPDATE", "DELETE"):
        _ddl = DDL(_REFUSE_SQLITE.format(verb=_verb)).execute_if(dialect="sqlite")
        event.listen(_table, "after_create", _ddl)

"""What is asked of the databases: one file a query in sql/, by the file's name."""

from pathlib import Path

SQL = {path.stem: path.read_text() for path in (Path(__file__).parent / "sql").glob("*.sql")}

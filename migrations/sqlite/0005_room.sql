-- Nothing: SQLite changes rows where they are. On PostgreSQL this number leaves room for that.
SELECT 1;

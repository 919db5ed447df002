//! The one integration binary. Every store case runs on SQLite and PostgreSQL; channels speak to real servers on
//! loopback; the whole is tested by running the binary.

mod figures;
mod support;

//! Every statement is prepared on both engines: a wrong column, type or dialect fails here, not on Monday.

use dondoc::{app, web};

use crate::support::databases::{Fresh, conformance};

conformance!(every_statement_is_understood);

async fn every_statement_is_understood(fresh: Fresh) {
    for statement in app::statements().chain(web::STATEMENTS) {
        let prepared = fresh.db.prepare(&[*statement]).await;
        assert!(prepared.is_ok(), "{prepared:?}: {statement:?}");
    }
}

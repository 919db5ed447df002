//! Every statement is prepared on both engines: a wrong column, type or dialect fails here, not on Monday.

use dondoc::{db, decision, outbox, web};

use crate::support::databases::{Fresh, conformance};

conformance!(every_statement_is_understood);

async fn every_statement_is_understood(fresh: Fresh) {
    for room in [&[db::CLOCK][..], decision::STATEMENTS, outbox::STATEMENTS, web::STATEMENTS] {
        for statement in room {
            let prepared = fresh.db.prepare(&[*statement]).await;
            assert!(prepared.is_ok(), "{prepared:?}: {statement:?}");
        }
    }
}

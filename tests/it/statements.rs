//! Every statement is prepared on both engines: a wrong column, type or dialect fails here, not on Monday.

use dondoc::{
    catalog, channel, decision, dispatch, evaluation, message, observation, outbox, pass, people, reply, web,
};

use crate::support::databases::{Fresh, conformance};

conformance!(every_statement_is_understood);

async fn every_statement_is_understood(fresh: Fresh) {
    let rooms = [
        catalog::STATEMENTS,
        observation::STATEMENTS,
        evaluation::STATEMENTS,
        decision::STATEMENTS,
        outbox::STATEMENTS,
        dispatch::STATEMENTS,
        web::STATEMENTS,
    ];
    for statement in rooms
        .into_iter()
        .flatten()
        .chain(channel::statements())
        .chain(pass::statements())
        .chain(reply::statements())
        .chain(people::statements())
        .chain(message::revisions::statements())
    {
        let prepared = fresh.db.prepare(&[*statement]).await;
        assert!(prepared.is_ok(), "{prepared:?}: {statement:?}");
    }
}

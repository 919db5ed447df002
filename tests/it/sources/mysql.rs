//! What is MySQL's own: its types, its logins, its addresses.

use std::time::Duration;

use dondoc::source::{self, Place, Settings, Sql, Tools};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};

use crate::support::databases;

use super::{failure, problems, settings};

fn of(url: &str, query: &str) -> String {
    format!(
        "[[source]]\nname = \"database\"\nkind = \"sql\"\nurl = \"{url}\"\nquery = \"\"\"{query}\"\"\"\n\
         [source.columns]\nperiod = \"n\"\nunit_code = \"n\"\nservice_code = \"\"\n[source.columns.measures]\nreceived = \"n\"\n"
    )
}

/// The answer as the text that is read: a line per row.
async fn text(settings: &[Settings]) -> String {
    let today = "2022-10-31".parse().unwrap();
    let tools = Tools { program: env!("CARGO_BIN_EXE_dondoc").into(), today };
    let fetched = source::fetch_all(settings, today, &tools).await.unwrap();
    let mut table = fetched[0].open().unwrap();
    let mut lines = vec![table.header().join(" | ")];
    while let Some(row) = table.next_row().unwrap() {
        let cells: Vec<&str> = (0..row.width()).map(|column| row.cell(column).unwrap_or("")).collect();
        lines.push(cells.join(" | "));
    }
    lines.join("\n")
}

async fn types() -> String {
    let url = databases::mysql_url().await;
    let pool = sqlx::MySqlPool::connect(&url).await.unwrap();
    for statement in [
        "CREATE TABLE t (id INT, flag TINYINT(1), small TINYINT UNSIGNED, zero INT(5) ZEROFILL, big BIGINT UNSIGNED, \
         year YEAR, bits BIT(10), whole DECIMAL(20,0), part DECIMAL(10,3), f FLOAT, d DOUBLE, day DATE, at DATETIME(3), \
         ts TIMESTAMP NULL, time TIME, name VARCHAR(40) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin, \
         old VARCHAR(40) CHARACTER SET latin1, long_text LONGTEXT, choice ENUM('a', 'đ'), bytes VARBINARY(9), b BLOB, \
         json JSON)",
        "SET time_zone = '+00:00'",
        "INSERT INTO t VALUES (1, 40, 200, 7201, 18446744073709551615, 2022, b'1100000001', 12345, 1.234, 0.1, 60, \
         '2022-10-31', '2022-10-31 23:59:59.123', '2022-10-31 18:00:00', '08:15:00', 'Sở Y tế 😀', 'é', 'x\\ny', 'đ', \
         0x00ff, 'b', '{\"a\": 1}'), \
         (2, -1, 0, NULL, 0, NULL, NULL, -7, NULL, NULL, NULL, NULL, NULL, NULL, NULL, '', NULL, NULL, NULL, NULL, NULL, NULL)",
    ] {
        sqlx::query(statement).execute(&mut *pool.acquire().await.unwrap()).await.unwrap();
    }
    pool.close().await;
    url
}

#[tokio::test]
async fn every_type_of_mysql_is_shown_as_what_it_is() {
    let url = types().await;
    insta::assert_snapshot!(text(&settings(&of(&url, "SELECT t.*, 1 AS n FROM t ORDER BY id"))).await);
    let sums = "SELECT sum(id) AS total, avg(id) AS mean, count(*) AS many, id > 1 AS more, concat('a', id) AS code, NULL AS none, 1 AS n \
                FROM t GROUP BY id ORDER BY id DESC";
    insta::assert_snapshot!(text(&settings(&of(&url, sums))).await);
}

#[tokio::test]
async fn a_row_that_is_too_long_is_refused_and_one_column_name_stands_once() {
    let url = databases::mysql_url().await;
    for (query, words) in [
        ("SELECT repeat('x', 2000000) AS n", "at row 1 the answer is too long"),
        ("SELECT 1 AS n, 2 AS n", "Duplicate column name 'n'"),
        ("SELECT 'a\\\\'' AS n", "has a backslash before a quotation mark"),
    ] {
        let source = settings(&of(&url, "SELECT 1"));
        let Place::Sql(sql) = &source[0].place else { panic!("a query") };
        let query = query.to_owned();
        let place = Place::Sql(Sql { query, timeout: Duration::from_secs(5), ..sql.clone() });
        let said = failure(&[Settings { place, ..source[0].clone() }]).await;
        assert!(said.contains(words), "{said}");
    }
}

/// A packet of the protocol.
async fn send(stream: &mut TcpStream, number: u8, body: &[u8]) {
    let length = u8::try_from(body.len()).unwrap();
    stream.write_all(&[&[length, 0, 0, number], body].concat()).await.unwrap();
}

async fn receive(stream: &mut TcpStream) -> Option<Vec<u8>> {
    let mut head = [0; 4];
    stream.read_exact(&mut head).await.ok()?;
    let mut body = vec![0; usize::from(u16::from_le_bytes([head[0], head[1]]))];
    stream.read_exact(&mut body).await.ok()?;
    Some(body)
}

/// A server without TLS that greets with this login plugin; gives what it said, and the client's answer to it.
async fn greeted(plugin: &'static str) -> (u16, tokio::task::JoinHandle<(TcpStream, Vec<u8>)>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let serving = tokio::spawn(async move {
        let (mut stream, _) = listener.accept().await.unwrap();
        let (salt, more_salt) = ([b'x'; 8], [b'x'; 13]);
        let (low, high) = (0xf7ff_u16.to_le_bytes(), 0x00ff_u16.to_le_bytes());
        let greeting = [
            &b"\x0a8.0.0\0\x01\0\0\0"[..],
            &salt,
            &[0],
            &low,
            &[45, 2, 0],
            &high,
            &[21],
            &[0; 10],
            &more_salt,
            plugin.as_bytes(),
            &[0],
        ];
        send(&mut stream, 0, &greeting.concat()).await;
        let login = receive(&mut stream).await.unwrap();
        (stream, login)
    });
    (port, serving)
}

#[tokio::test]
async fn a_password_that_needs_tls_is_not_told_without_it() {
    let (port, serving) = greeted("caching_sha2_password").await;
    let url = format!("mysql://reader:hunter2@127.0.0.1:{port}/d?ssl-mode=DISABLED");
    let source = settings(&of(&url, "SELECT 1"));
    let (said, ()) = tokio::join!(failure(&source), async {
        let (mut stream, login) = serving.await.unwrap();
        assert!(!login.windows(7).any(|bytes| bytes == b"hunter2"));
        // "Log in fully", and then any key.
        send(&mut stream, 2, &[1, 4]).await;
        assert_eq!(receive(&mut stream).await.unwrap(), [2]);
        send(&mut stream, 4, b"\x01key").await;
        assert_eq!(receive(&mut stream).await, None);
    });
    assert!(said.contains("is only told over TLS") && said.contains("?ssl-mode=REQUIRED"), "{said}");
}

#[tokio::test]
async fn a_server_that_asks_for_a_file_gets_none() {
    let (port, serving) = greeted("mysql_native_password").await;
    let url = format!("mysql://reader:hunter2@127.0.0.1:{port}/d?ssl-mode=DISABLED");
    let source = settings(&of(&url, "SELECT 1"));
    let (said, ()) = tokio::join!(failure(&source), async {
        let (mut stream, login) = serving.await.unwrap();
        assert_eq!(login[0] & 0x80, 0, "the client offers no local files");
        send(&mut stream, 2, &[0, 0, 0, 2, 0, 0, 0]).await;
        receive(&mut stream).await.unwrap();
        send(&mut stream, 1, b"\xfb/etc/passwd").await;
        let rest = stream.shutdown().await;
        assert!(rest.is_ok());
        assert_eq!(receive(&mut stream).await, None, "nothing is sent");
    });
    assert!(said.starts_with("source `database`: cannot read"), "{said}");
}

#[tokio::test]
async fn another_machine_is_asked_over_tls_unless_the_address_says_otherwise() {
    let (port, serving) = greeted("mysql_native_password").await;
    let url = format!("mysql://reader:hunter2@127.0.0.1:{port}/d?ssl-mode=REQUIRED");
    let said = failure(&settings(&of(&url, "SELECT 1"))).await;
    drop(serving);
    assert!(said.contains("TLS") && !said.contains("hunter2"), "{said}");
}

#[test]
fn an_address_of_mysql_is_checked_and_its_password_never_shows() {
    let said: Vec<String> = [
        "mysql://reader:hunter2@db.province.example/figures?ssl-mode=VERIFY_IDENTITY&ssl-ca=/etc/ssl/province.pem",
        "mariadb://reader@[::1]:3306/figures?socket=/run/mysqld/mysqld.sock",
        "mysql://reader:hunter2@db.province.example",
        "mysql://reader:hun ter2@db/figures",
        "mysql://reader:hunter2@db/figures?ssl_mode=REQUIRED",
        "mysql://reader:hunter2@db/figures?ssl-mode=verify-full",
        "mysql://reader:hunter2@db/figures?charset=gbk",
    ]
    .map(|url| format!("{url}\n{}", problems(&of(url, "SELECT 1"))))
    .into();
    let said = said.join("\n\n");
    insta::assert_snapshot!(said);
    assert!(!said.lines().any(|line| !line.starts_with('m') && line.contains("ter2")));
    let query = problems(&of("mysql://reader@db/figures", "SELECT 1 /*! INTO OUTFILE 'a' */"));
    assert!(query.contains("`source.database.query`: has a comment"), "{query}");
}

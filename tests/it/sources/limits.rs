//! Peers that give too much, too slowly or too little, and what of this machine they may use.

use std::io::Write as _;
use std::time::{Duration, Instant};

use flate2::Compression;
use flate2::write::GzEncoder;

use crate::support::http_stub::{HttpAnswer, HttpStub};
use crate::support::project::{Plan, Project};

use super::{failure, observed, settings};

fn source(stub: &HttpStub, keys: &str) -> String {
    format!(
        "[[source]]\nname = \"system\"\nkind = \"http_json\"\nurl = \"{}\"\nallow_private = true\nper = \"year\"\n\
         rows = \"$[*]\"\n{keys}\n[source.columns]\nunit_code = \"unit\"\n\
         [source.columns.measures]\nreceived = \"received\"\n",
        stub.url("/figures")
    )
}

fn zipped(text: &[u8], times: usize) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
    for _ in 0..times {
        encoder.write_all(text).unwrap();
    }
    encoder.finish().unwrap()
}

async fn said(answer: HttpAnswer, keys: &str) -> (String, Duration) {
    let stub = HttpStub::start([answer]).await;
    let started = Instant::now();
    let once = if keys.contains("attempts") { "" } else { "attempts = 1\n" };
    let said = failure(&settings(&source(&stub, &format!("{once}{keys}")))).await;
    (said.replace(&stub.addr.to_string(), "system"), started.elapsed())
}

const GOOD: &[u8] = br#"[{"unit":"07201","received":10}]"#;

#[tokio::test]
async fn a_compressed_answer_is_read_and_a_damaged_one_noticed() {
    let good = zipped(GOOD, 1);
    let stub = HttpStub::start([HttpAnswer::gzip(good.clone())]).await;
    observed(&settings(&source(&stub, "attempts = 1")), "2022-10-31").await.unwrap();
    assert!(stub.requests()[0].header("accept-encoding").contains("gzip"));
    let mut wrong_sum = good.clone();
    let at = wrong_sum.len() - 6;
    wrong_sum[at] ^= 0xff;
    let cut = good[..good.len() - 9].to_vec();
    for broken in [wrong_sum, cut] {
        let (said, _) = said(HttpAnswer::gzip(broken), "").await;
        assert!(said.contains("the answer broke off"), "{said}");
    }
}

#[tokio::test]
async fn an_answer_that_ends_too_early_is_no_answer() {
    let head = "HTTP/1.1 200 scripted\r\n";
    let raw = |head: String, body: &[u8]| HttpAnswer::Raw([head.as_bytes(), body].concat());
    for (answer, words) in [
        (raw(format!("{head}content-length: 500\r\n\r\n"), GOOD), "broke off"),
        (raw(format!("{head}transfer-encoding: chunked\r\n\r\n20\r\n"), GOOD), "broke off"),
        (raw(format!("{head}transfer-encoding: chunked\r\n\r\n20\r\n"), &GOOD[..9]), "broke off"),
        (raw(format!("{head}content-length: 12abc\r\n\r\n"), GOOD), "system"),
        (raw(format!("{head}content-length: 10\r\ncontent-length: 32\r\n\r\n"), GOOD), "system"),
        (HttpAnswer::Reset, "system"),
    ] {
        let (said, _) = said(answer, "").await;
        assert!(said.contains(words) && !said.contains("received"), "{said}");
    }
}

#[tokio::test]
async fn no_peer_holds_a_round_longer_than_its_time() {
    for answer in [HttpAnswer::Silent, HttpAnswer::DrippingBody, HttpAnswer::DrippingHeader] {
        let (said, took) = said(answer.clone(), "timeout = \"1 second\"").await;
        assert!(said.contains("no answer in time"), "{answer:?}: {said}");
        assert!(took < Duration::from_secs(4), "{answer:?}: {took:?}");
    }
    let (said, took) = said(HttpAnswer::DrippingBody, "total_timeout = \"1 second\"\nattempts = 9").await;
    assert!(said.contains("total_timeout") || said.contains("no answer in time"), "{said}");
    assert!(took < Duration::from_secs(4), "{took:?}");
}

#[tokio::test]
async fn an_answer_is_measured_after_it_is_unpacked() {
    let (said, _) = said(HttpAnswer::gzip(zipped(&vec![b' '; 1 << 20], 3)), "max_megabytes = 2").await;
    assert!(said.contains("longer than 2097152 bytes, decompressed"), "{said}");
    let (said, _) = self::said(HttpAnswer::EndlessBody(200), "max_megabytes = 2").await;
    assert!(said.contains("longer than 2097152 bytes"), "{said}");
    let head = HttpAnswer::with_header(200, "X-Long", &"a".repeat(8 << 20));
    let (said, _) = self::said(head, "").await;
    assert!(!said.contains("aaaa"), "{said}");
}

/// An installation whose only source is this one.
fn project(source: &str) -> Project {
    let project = Project::new(&Plan::default());
    let text = project.read("config.toml");
    let (start, end) = (text.find("[[source]]").unwrap(), text.find("[[channel]]").unwrap());
    project.write("config.toml", &format!("{}{source}\n{}", &text[..start], &text[end..]));
    project
}

/// The most memory that the program takes while it is given such an answer, in megabytes, and what it says.
async fn memory(answer: HttpAnswer, keys: &str) -> (u64, String) {
    let stub = HttpStub::start([answer]).await;
    let project = project(&source(&stub, &format!("attempts = 1\n{keys}")));
    let mut command = tokio::process::Command::from(project.command(&["pull", "--as-of", "2022-10-31"]));
    let child = command.stdout(std::process::Stdio::null()).stderr(std::process::Stdio::piped()).spawn().unwrap();
    let status = format!("/proc/{}/status", child.id().unwrap());
    let mut peak = 0;
    let watching = async {
        loop {
            let text = std::fs::read_to_string(&status).unwrap_or_default();
            let line = text.lines().find_map(|line| line.strip_prefix("VmHWM:"));
            let kilobytes = line.and_then(|line| line.split_whitespace().next()?.parse::<u64>().ok());
            peak = peak.max(kilobytes.unwrap_or_default());
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    };
    let output = tokio::select! {
        output = child.wait_with_output() => output.unwrap(),
        () = watching => unreachable!("watching never ends"),
    };
    (peak >> 10, String::from_utf8_lossy(&output.stderr).into_owned())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn memory_is_bounded_whatever_an_answer_holds() {
    let many = [b"[".as_slice(), &b"{\"a\":0},".repeat(7_500_000), b"0]"].concat();
    let long = [b"[\"".as_slice(), &b"a".repeat(60 << 20), b"\"]"].concat();
    // The longest paths, for as many rows as may be.
    let (open, close) = ("{\"children\":[".repeat(9), "]}".repeat(9));
    let deep = format!("[{open}{}{{}}{close}]", "{},".repeat(490_000)).into_bytes();
    for (answer, words) in [
        (HttpAnswer::gzip(zipped(&deep, 1)), "no item has"),
        (HttpAnswer::gzip(zipped(&vec![b'['; 1 << 20], 2_000)), "longer than"),
        (HttpAnswer::gzip(zipped(&many, 1)), "more than 1000000 values"),
        (HttpAnswer::gzip(zipped(&long, 1)), "no item has"),
    ] {
        let (megabytes, said) = memory(answer, "children = \"children\"").await;
        assert!(said.contains(words), "{said}");
        assert!((10..400).contains(&megabytes), "{words}: {megabytes} MB");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_round_ends_with_the_code_of_what_is_wrong_with_its_source() {
    let stub = HttpStub::start([HttpAnswer::json("<html>"), HttpAnswer::status(503)]).await;
    let project = project(&source(&stub, "attempts = 1"));
    let run = || tokio::task::block_in_place(|| project.run(&["run", "--as-of", "2022-10-31"]));
    let (page, busy) = (run(), run());
    assert_eq!((page.code, busy.code), (4, 6), "{} {}", page.err, busy.err);
    assert!(page.err.contains("a web page (HTML), not JSON"), "{}", page.err);
    assert!(busy.err.contains("answers 503"), "{}", busy.err);
}

//! Files that are not UTF-8: UTF-16 is known by its mark, the old encodings are read when somebody chose them, and
//! anything else is refused before a name is garbled.

use dondoc::source::{self, Encoding, Place, Settings, Tools};

use super::{as_of, codes, fixture, read_all, total};

/// The table as an office would have written it, by name.
fn table() -> String {
    let header = "period,unit,service_code,received,received_online,services_online,services_online_with_dossiers";
    format!("{header}\n2022-09,Xã Hiệp Hoà,1.001,40,10,1,1\n2022-10,SỞ CÔNG THƯƠNG,1.003,100,90,1,1\n")
}

fn written(bytes: &[u8], encoding: Encoding) -> (tempfile::NamedTempFile, Settings) {
    let file = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(file.path(), bytes).unwrap();
    let mut settings = fixture("good.csv");
    settings.place = Place::Csv { path: file.path().to_owned(), delimiter: b',', encoding, max_rows: None };
    settings.columns.unit_code = String::new();
    settings.columns.unit_name = "unit".into();
    (file, settings)
}

fn reads(bytes: &[u8], encoding: Encoding) {
    let (_file, settings) = written(bytes, encoding);
    let observations = read_all(&[settings]).unwrap();
    assert_eq!(codes(&observations), Vec::<&str>::new(), "{:?}", observations.refusals);
    assert_eq!(
        (total(&observations, "07201", "received"), total(&observations, "SCT", "received")),
        (Some(40), Some(100))
    );
}

fn refused(bytes: &[u8], encoding: Encoding) -> String {
    let (file, settings) = written(bytes, encoding);
    read_all(&[settings]).unwrap_err().to_string().replace(&file.path().display().to_string(), "FILE")
}

fn utf16(mark: bool, bytes: fn(u16) -> [u8; 2]) -> Vec<u8> {
    let mark = mark.then_some(0xfeff_u16);
    mark.into_iter().chain(table().encode_utf16()).flat_map(bytes).collect()
}

#[test]
fn utf_16_is_known_by_its_mark_in_either_order() {
    reads(&utf16(true, u16::to_le_bytes), Encoding::Utf8);
    reads(&utf16(true, u16::to_be_bytes), Encoding::Utf8);
    let said = refused(&utf16(false, u16::to_le_bytes), Encoding::Utf8);
    assert!(
        said.contains("the file is UTF-16, not UTF-8") && said.contains("remedy: save the file as UTF-8"),
        "{said}"
    );
}

#[test]
fn old_vietnamese_encodings_are_read_when_they_were_chosen() {
    let names =
        [("Xã Hiệp Hoà", &b"Xa\xde Hi\xea\xf2p Hoa\xcc"[..]), ("SỞ CÔNG THƯƠNG", b"S\xd5\xd2 C\xd4NG TH\xdd\xd5NG")];
    reads(&replaced(&names), Encoding::Windows1258);
    let names = [("Xã Hiệp Hoà", &b"X\xb7 Hi\xd6p Ho\xb5"[..]), ("SỞ CÔNG THƯƠNG", b"S\xeb C\xa4NG TH\xa6\xa5NG")];
    reads(&replaced(&names), Encoding::Tcvn3);
    let said = refused(&replaced(&names), Encoding::Utf8);
    assert!(said.contains("FILE:2:2: this cell is not UTF-8"), "never guessed: {said}");
}

/// The table with its names in other bytes.
fn replaced(names: &[(&str, &[u8])]) -> Vec<u8> {
    let table = table();
    let mut rest = table.as_str();
    let mut bytes = Vec::new();
    for (name, written) in names {
        let (before, after) = rest.split_once(name).expect("the name");
        bytes.extend_from_slice(before.as_bytes());
        bytes.extend_from_slice(written);
        rest = after;
    }
    bytes.extend_from_slice(rest.as_bytes());
    bytes
}

#[test]
fn an_old_encoding_that_was_chosen_wrongly_garbles_no_name() {
    for encoding in [Encoding::Windows1258, Encoding::Tcvn3] {
        let said = refused(table().as_bytes(), encoding);
        assert!(said.contains("the file is UTF-8, not the encoding that was chosen"), "{said}");
        assert!(said.contains("remedy: remove `encoding`"), "{said}");
    }
}

#[tokio::test]
async fn a_file_that_is_slow_to_answer_holds_up_nothing_else() {
    let folder = tempfile::tempdir().unwrap();
    let pipe = folder.path().join("pipe");
    assert!(std::process::Command::new("mkfifo").arg(&pipe).status().unwrap().success());
    let (_file, mut settings) = written(b"", Encoding::Windows1258);
    let Place::Csv { path, .. } = &mut settings.place else { panic!("a CSV source") };
    path.clone_from(&pipe);
    let settings = [settings];
    let tools = Tools { program: "dondoc".into(), today: as_of() };
    // Both on one thread: the pipe can only be filled while somebody else waits for it.
    let (fetched, filled) =
        tokio::join!(source::fetch_all(&settings, as_of(), &tools), tokio::fs::write(&pipe, b"period,unit\n"));
    filled.unwrap();
    assert_eq!(fetched.unwrap().len(), 1);
}

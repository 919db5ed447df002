//! The zip around a workbook: opened within limits, and handed on with its members stored, so that whoever reads it
//! cannot be made to inflate anything.

use std::io::{self, Cursor, Read, Write as _};

use zip::result::ZipError;
use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, ZipArchive, ZipWriter};

use super::Failure;

/// Members of one archive.
const MEMBERS: usize = 2_000;
/// Bytes of all members that are needed, inflated.
const INFLATED: u64 = 200 << 20;
/// Inflated bytes for one compressed one. XML of honest sheets is far below.
const RATIO: u64 = 200;
/// Small members may be inflated more: a few hundred equal bytes are no bomb.
const SMALL: u64 = 1 << 20;

/// What a zip holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// Office Open XML.
    Xlsx,
    /// `OpenDocument`.
    Ods,
}

/// A workbook whose members are stored without compression.
pub(super) struct Archive {
    pub(super) kind: Kind,
    pub(super) bytes: Vec<u8>,
    /// Whether any sheet merges cells: finding them costs a second reading.
    pub(super) merges: bool,
}

/// Unpacks what is needed of the zip in `bytes`.
pub(super) fn unpack(bytes: &[u8]) -> Result<Archive, Failure> {
    let mut zip = ZipArchive::new(Cursor::new(bytes)).map_err(|error| broken(&error))?;
    if zip.len() > MEMBERS {
        let reason = format!("the workbook has {} parts inside, at most {MEMBERS} are read", zip.len());
        return Err(Failure::new(reason, COPY));
    }
    let kind = kind_of(&zip)?;
    let mut stored = ZipWriter::new(Cursor::new(Vec::new()));
    let (mut inflated, mut merges) = (0, false);
    for at in 0..zip.len() {
        let mut member = match zip.by_index(at) {
            Ok(member) => member,
            Err(ZipError::UnsupportedArchive(ZipError::PASSWORD_REQUIRED)) => return Err(Failure::encrypted()),
            Err(error) => return Err(broken(&error)),
        };
        let name = member.name().map_err(|error| broken(&error))?.into_owned();
        if member.is_dir() || !needed(kind, &name) {
            continue;
        }
        let packed = member.compressed_size();
        let allowed = INFLATED.saturating_sub(inflated).min(packed.saturating_mul(RATIO).max(SMALL));
        let expected = member.size().min(allowed);
        let content = inflate(&mut member, &name, allowed, expected)?;
        inflated += u64::try_from(content.len()).unwrap_or(u64::MAX);
        merges |= name.starts_with("xl/worksheets/") && merges_cells(&content);
        let options = SimpleFileOptions::default().compression_method(CompressionMethod::Stored);
        stored
            .start_file(name, options)
            .and_then(|()| Ok(stored.write_all(&content)?))
            .map_err(|error| broken(&error))?;
    }
    let bytes = stored.finish().map_err(|error| broken(&error))?.into_inner();
    Ok(Archive { kind, bytes, merges })
}

pub(super) const COPY: &str = "copy the table into a new workbook and save it as .xlsx";

fn kind_of(zip: &ZipArchive<Cursor<&[u8]>>) -> Result<Kind, Failure> {
    let has = |name: &str| zip.index_for_name(name).is_some();
    if has("xl/workbook.xml") {
        return Ok(Kind::Xlsx);
    }
    if has("content.xml") && has("mimetype") {
        return Ok(Kind::Ods);
    }
    let what = if has("xl/workbook.bin") {
        "a binary workbook (.xlsb)"
    } else if has("word/document.xml") {
        "a Word document"
    } else {
        "a zip archive without a workbook in it"
    };
    Err(Failure::new(format!("the file is {what}"), "export the table as .xlsx"))
}

/// Pictures, printer settings and the like stay packed.
fn needed(kind: Kind, name: &str) -> bool {
    match kind {
        Kind::Ods => matches!(name, "mimetype" | "content.xml" | "META-INF/manifest.xml"),
        Kind::Xlsx => {
            let part = matches!(name.rsplit('.').next(), Some("xml" | "rels"));
            let aside = ["xl/drawings/", "xl/media/", "xl/theme/", "xl/charts/", "xl/pivot", "docProps/", "customXml/"];
            part && !aside.iter().any(|folder| name.starts_with(folder))
        }
    }
}

fn inflate(member: &mut impl Read, name: &str, allowed: u64, expected: u64) -> Result<Vec<u8>, Failure> {
    // One byte more, so that its end is seen without growing.
    let mut content = Vec::with_capacity(usize::try_from(expected).unwrap_or(0) + 64);
    let read = member.take(allowed + 1).read_to_end(&mut content).map_err(|error| broken(&ZipError::Io(error)))?;
    if u64::try_from(read).unwrap_or(u64::MAX) > allowed {
        let reason = format!(
            "`{name}` inside the workbook inflates to more than is read ({} MB, or {RATIO} times its size)",
            INFLATED >> 20
        );
        return Err(Failure::new(reason, COPY));
    }
    Ok(content)
}

/// Whether a sheet merges cells: that is said behind its data. Looked for from the end, where it is a few bytes away.
fn merges_cells(content: &[u8]) -> bool {
    let end = b"sheetData>";
    let behind = content.windows(end.len()).rposition(|window| window == end).unwrap_or(0);
    let word = b"mergeCell";
    content.get(behind..).is_some_and(|tail| tail.windows(word.len()).any(|window| window == word))
}

fn broken(error: &ZipError) -> Failure {
    let cut = match error {
        ZipError::InvalidArchive(_) => true,
        ZipError::Io(error) => matches!(error.kind(), io::ErrorKind::UnexpectedEof | io::ErrorKind::InvalidData),
        _ => false,
    };
    let reason = if cut {
        "the workbook is damaged or was cut off".to_owned()
    } else {
        format!("the workbook cannot be unpacked: {error}")
    };
    Failure::new(reason, "copy or export the file again, whole")
}

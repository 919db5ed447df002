//! What the compiler alone cannot see to: the crate is built anew when a migration is added (`sqlx::migrate!` reads the
//! folder, cargo does not watch it), and what pages fetch is compressed once, as well as it can be.

use std::error::Error;
use std::io::Write as _;
use std::path::{Path, PathBuf};

/// Text that pages fetch, below `templates/pages/`. Fonts are compressed already.
const FETCHED: [&str; 4] = ["dondoc.css", "dondoc.js", "dondoc.svg", "vendor/htmx/4.0.1/htmx.min.js"];

fn main() -> Result<(), Box<dyn Error>> {
    println!("cargo:rerun-if-changed=migrations");
    #[expect(clippy::disallowed_methods, reason = "the compiler says where to put it")]
    let out = PathBuf::from(std::env::var("OUT_DIR")?);
    for path in FETCHED {
        let path = Path::new("templates/pages").join(path);
        println!("cargo:rerun-if-changed={}", path.display());
        let text = std::fs::read(&path)?;
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        std::fs::write(out.join(format!("{name}.br")), brotli(&text)?)?;
        std::fs::write(out.join(format!("{name}.gz")), gzip(&text)?)?;
    }
    Ok(())
}

fn brotli(text: &[u8]) -> std::io::Result<Vec<u8>> {
    let mut packed = Vec::new();
    let parameters = brotli::enc::BrotliEncoderParams { quality: 11, size_hint: text.len(), ..Default::default() };
    brotli::BrotliCompress(&mut &*text, &mut packed, &parameters)?;
    Ok(packed)
}

fn gzip(text: &[u8]) -> std::io::Result<Vec<u8>> {
    let mut packed = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
    packed.write_all(text)?;
    packed.finish()
}
